import { redactManifests } from './manifest.ts'
import { PAIR_HINT, redactPairs } from './pairs.ts'
import { redactPrivateKeys } from './private-key.ts'
import type { RedactionRule } from './pseudonym.ts'
import { isHarmlessSecret, isRandom } from './shape.ts'

/** Gives the marker that stands for a value, and counts it. */
export type Mark = (rule: RedactionRule, value: string) => string

interface TokenPattern {
  readonly rule: RedactionRule
  /** Literals of which one must be in the text before the expression is tried; all lower case, the text is not changed for it. */
  readonly hint: RegExp
  readonly pattern: RegExp
  /** The group that is replaced; 0 for all. */
  readonly group: number
  /** Which of what is found counts; all where it is left out. */
  readonly only?: (secret: string) => boolean
}

/** Every expression is linear: bounded repetition, no nested quantifiers. A token may stand behind an underscore: `key_AKIA…`. */
const PATTERNS: readonly TokenPattern[] = [
  // JSON Web Token, RFC 7519: base64url of `{"…`, twice, and a signature; RFC 7516: five parts when it is encrypted. What has no dot is
  // read all the same, so that no part of it is read again.
  {
    rule: 'token',
    hint: /eyJ/,
    pattern: /(?<![A-Za-z0-9])eyJ[\w-]{8,}(?:\.[\w-]*){0,4}/g,
    group: 0,
    only: (word) => word.includes('.'),
  },
  // AWS access key ids: docs.aws.amazon.com, IAM "Unique identifiers".
  {
    rule: 'token',
    hint: /A[KS]IA/,
    pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/g,
    group: 0,
  },
  // Well-known prefixes of GitHub, GitLab, Slack, Stripe, Google, npm, Hugging Face, OpenAI and Anthropic.
  {
    rule: 'token',
    hint: /gh[pousr]_|github_pat_|glpat-|xox[abprs]-|[sr]k_live_|AIza|npm_|hf_|sk-/,
    pattern:
      /(?<![A-Za-z0-9])(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|[sr]k_live_\w{16,}|AIza[\w-]{30,}|npm_\w{30,}|hf_[A-Za-z0-9]{30,}|sk-[\w-]{32,})/g,
    group: 0,
  },
  // Vault service and batch tokens, SendGrid, Google OAuth, aws-iam-authenticator (a presigned URL in base64).
  {
    rule: 'token',
    hint: /hv[bs]\.|SG\.|ya29\.|aws-v1\./,
    pattern:
      /(?<![A-Za-z0-9])(?:hv[bs]\.[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|ya29\.[\w-]{20,}|k8s-aws-v1\.[\w-]{20,})/g,
    group: 0,
  },
  // Incoming webhooks, whose path is their secret.
  {
    rule: 'token',
    hint: /hooks\.slack\.com|webhook\.office\.com|discord(?:app)?\.com/,
    pattern:
      /:\/\/(?:hooks\.slack\.com|[\w-]{1,60}\.webhook\.office\.com|discord(?:app)?\.com)\/(?:services|workflows|triggers|webhookb2|api\/webhooks)\/([\w@./-]{8,400})/g,
    group: 1,
  },
  // RFC 6750 and RFC 7617 credentials in a header or a log of one.
  {
    rule: 'token',
    hint: /bearer|basic/i,
    pattern: /\b(?:bearer|basic)\s+([\w.~+/-]{8,}={0,2})/gi,
    group: 1,
  },
  // Docker's config.json: base64 of user:password.
  {
    rule: 'token',
    hint: /"auth\\*"\s*:/,
    pattern: /"auth\\*"\s{0,3}:\s{0,3}\\*"([A-Za-z0-9+/_-]{8,4000}={0,2})/g,
    group: 1,
  },
  // As the AWS console and others write them, in words: "Secret Access Key: …".
  {
    rule: 'key',
    hint: /(?:secret|access|api|private|account) key\s*[=:]/i,
    pattern: /\b(?:secret|access|api|private|account) key\s{0,3}[=:]\s{0,3}([^\s"'\\,;<]{8,400})/gi,
    group: 1,
  },
  // RFC 3986 userinfo with a password, up to the last @; what is no valid URL because the password holds a slash counts, a port does not.
  {
    rule: 'url',
    hint: /:\/\/[^\s]{1,800}@/,
    pattern:
      /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}:\/\/([^\s/?#@:"'\\<>]{0,200}:(?!\d{1,5}(?:[/?#]|$))(?:(?!:\/\/)[^\s"'\\<>]){1,400})@/gi,
    group: 1,
  },
  // A token instead of a user: https://ghp_…@github.com, a Sentry DSN.
  {
    rule: 'url',
    hint: /:\/\/[^\s]{1,800}@/,
    pattern: /:\/\/([\w.~-]{16,400})@/g,
    group: 1,
    only: isRandom,
  },
  // github.com/go-sql-driver/mysql, "DSN": user:password@protocol(address).
  {
    rule: 'url',
    hint: /@(?:tcp|unix|udp)\(/,
    pattern: /(?<![\w.-])([\w.-]{1,64}:[^\s"'\\<>]{1,400})@(?:tcp|unix|udp)\(/g,
    group: 1,
  },
  // Signatures of presigned URLs: SigV4, SAS, GCS; & may be written \u0026 or &amp;.
  {
    rule: 'url',
    hint: /X-Amz-|X-Goog-|sig(?:nature)?(?:=|%3D)/i,
    pattern:
      /(?:[?&;]|\\u0026|%26)(?:X-Amz-(?:Signature|Credential|Security-Token)|X-Goog-(?:Signature|Credential)|sig|Signature)(?:=|%3D)([^&\s"'\\<>]{4,4000})/gi,
    group: 1,
  },
  // mysql -pPASSWORD, redis-cli -a PASSWORD, sshpass -p PASSWORD, curl -u USER:PASSWORD.
  {
    rule: 'arg',
    hint: /mysql|mariadb/,
    pattern: /\b(?:mysql|mariadb)[\w-]{0,20}\s(?:[^\n;|&<]{0,400}\s)?-p([^\s"'\\;|&<]{1,400})/g,
    group: 1,
  },
  {
    rule: 'arg',
    hint: /redis-cli|sshpass/,
    pattern: /\b(?:redis-cli\s(?:[^\n;|&<]{0,400}\s)?-a|sshpass\s{1,3}-p)\s{0,3}["']?([^\s"'\\;|&<]{1,400})/g,
    group: 1,
  },
  {
    rule: 'arg',
    hint: /curl|wget/,
    pattern: /\bcurl\s(?:[^\n;|<]{0,400}\s)?(?:-u|--user)[\s=]{0,3}["']?([^\s"'\\;|<:]{1,100}:[^\s"'\\;|<]{1,400})/g,
    group: 1,
  },
  // .netrc (inetutils, "The .netrc file") and redis.conf.
  {
    rule: 'key',
    hint: /password|requirepass|masterauth/,
    pattern:
      /(?:\blogin\s{1,4}\S{1,100}\s{1,4}password|^\s{0,8}(?:requirepass|masterauth))\s{1,4}["']?([^\s"'\\<]{1,400})/gm,
    group: 1,
  },
]

/** All hints in one: what it does not find holds nothing that the functions below would replace. */
const ANY_HINT = new RegExp(
  PATTERNS.map(({ hint }) => hint.source)
    .concat(PAIR_HINT.source, '-----(?:BEGIN|END)', 'Secret')
    .join('|'),
  'i',
)

/** Replaces every secret of a text, by its own shape and by the name that stands before it. Markers pass unchanged. */
export function redactSecrets(text: string, mark: Mark): string {
  return ANY_HINT.test(text) ? redactPairs(redactTokens(redactManifests(text, mark), mark), mark) : text
}

/** Replaces what is a secret by its own shape, in any text. Markers pass unchanged. */
export function redactTokens(text: string, mark: Mark): string {
  let redacted = text.includes('-----') ? redactPrivateKeys(text, mark) : text
  for (const { rule, hint, pattern, group, only = isAny } of PATTERNS) {
    if (!hint.test(redacted)) continue
    redacted = redacted.replace(pattern, (match: string, ...groups: unknown[]) => {
      const secret = group === 0 ? match : String(groups[group - 1])
      if (secret.includes('<redacted:') || (group === 1 && isHarmlessSecret(secret)) || !only(secret)) return match
      const at = match.lastIndexOf(secret)
      return match.slice(0, at) + mark(rule, secret) + match.slice(at + secret.length)
    })
  }
  return redacted
}

function isAny(): boolean {
  return true
}
