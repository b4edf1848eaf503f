import type { RedactionRule } from './pseudonym.ts'
import { isHarmlessSecret, isSensitiveName } from './shape.ts'

/** Gives the marker that stands for a value, and counts it. */
export type Mark = (rule: RedactionRule, value: string) => string

interface TokenPattern {
  readonly rule: RedactionRule
  /** Literals of which one must be in the text before the expression is tried; all lower case, the text is not changed for it. */
  readonly hint: RegExp
  readonly pattern: RegExp
  /** The group that is replaced; 0 for all. */
  readonly group: number
}

/** Every expression is linear: bounded repetition, no nested quantifiers. */
const PATTERNS: readonly TokenPattern[] = [
  // PEM, RFC 7468; certificates are public and stay.
  {
    rule: 'private-key',
    hint: /-----BEGIN/,
    pattern:
      /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-(?!----END)){0,20000}(?:-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----)?/g,
    group: 0,
  },
  // JSON Web Token, RFC 7519: base64url of `{"…`, twice, and a signature.
  { rule: 'token', hint: /eyJ/, pattern: /\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, group: 0 },
  // AWS access key ids: docs.aws.amazon.com, IAM "Unique identifiers".
  { rule: 'token', hint: /A[KS]IA/, pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, group: 0 },
  // Well-known prefixes of GitHub, GitLab, Slack, Stripe, Google.
  {
    rule: 'token',
    hint: /gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk_live_|rk_live_|AIza/,
    pattern:
      /\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|[sr]k_live_\w{16,}|AIza[\w-]{30,})/g,
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
    hint: /[Bb]earer|[Bb]asic|BEARER|BASIC/,
    pattern: /\b(?:bearer|basic)\s+([\w.~+/-]{8,}={0,2})/gi,
    group: 1,
  },
  // RFC 3986 userinfo with a password.
  {
    rule: 'url',
    hint: /:\/\//,
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/([^\s/@:"'\\<>]{0,200}:[^\s/@"'\\]{1,200})@/gi,
    group: 1,
  },
  // Signatures of presigned URLs: SigV4, SAS, GCS.
  {
    rule: 'url',
    hint: /[?&;](?:X-Amz-|x-amz-|sig=|X-Goog-|Signature=)/,
    pattern:
      /[?&;](?:X-Amz-(?:Signature|Credential|Security-Token)|X-Goog-(?:Signature|Credential)|sig|Signature)=([^&\s"'\\]{4,4000})/gi,
    group: 1,
  },
]

/** `name=value`, `name: value`, `"name":"value"`, escaped or not, where the name says secret. */
const PAIR = /(?<![\w.-])([\w.-]{2,64})(\\*["']?\s{0,3}[=:]\s{0,3}\\*["']?)([^\s"'\\,;&)}\]]{3,4000})/g
const PAIR_HINT =
  /pass|pwd|secret|token|credential|api.?key|access.?key|private.?key|account.?key|authorization|signature/i

/** All hints in one: what it does not find holds nothing that the two functions below would replace. */
const ANY_HINT = new RegExp(
  PATTERNS.map(({ hint }) => hint.source)
    .concat(PAIR_HINT.source)
    .join('|'),
  'i',
)

/** Replaces every secret of a text, by its own shape and by the name that stands before it. Markers pass unchanged. */
export function redactSecrets(text: string, mark: Mark): string {
  return ANY_HINT.test(text) ? redactPairs(redactTokens(text, mark), mark) : text
}

/** Replaces what is a secret by its own shape, in any text. Markers pass unchanged. */
export function redactTokens(text: string, mark: Mark): string {
  let redacted = text
  for (const { rule, hint, pattern, group } of PATTERNS) {
    if (!hint.test(redacted)) continue
    redacted = redacted.replace(pattern, (match: string, ...groups: unknown[]) => {
      const secret = group === 0 ? match : String(groups[group - 1])
      return secret.includes('<redacted:') ? match : match.replace(secret, () => mark(rule, secret))
    })
  }
  return redacted
}

/** Replaces, in prose and in settings, the value that follows a name which says secret. */
export function redactPairs(text: string, mark: Mark): string {
  if (!PAIR_HINT.test(text)) return text
  return text.replace(PAIR, (match: string, name: string, between: string, value: string) => {
    if (!isSensitiveName(name) || value.startsWith('<redacted') || isHarmlessSecret(value) || isProse(between, value))
      return match
    return `${name}${between}${mark('key', value)}`
  })
}

/** "token: expired", "secret: not found": a colon and a space before a lower-case word is a sentence, not a setting. */
function isProse(between: string, value: string): boolean {
  return /^:\s/.test(between) && /^[a-z]+$/.test(value)
}
