import type { TokenPattern } from './pattern.ts'

/** Tokens that their issuers made to be recognised. A token may stand behind an underscore: `key_AKIA…`. */
export const PROVIDER_TOKENS: readonly TokenPattern[] = [
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
  // Prefixes of GitHub, npm, Hugging Face, Docker Hub, DigitalOcean, Shopify and Stripe.
  {
    rule: 'token',
    hint: /_(?<=gh[pousr]_|github_pat_|npm_|hf_|dckr_pat_|dop_v1_|shpat_|[sr]k_(?:live|test)_|whsec_)/,
    pattern:
      /(?<![A-Za-z0-9])(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|npm_\w{30,}|hf_[A-Za-z0-9]{30,}|dckr_pat_[\w-]{20,}|dop_v1_\w{40,}|shpat_\w{20,}|[sr]k_(?:live|test)_\w{16,}|whsec_\w{16,})/g,
    group: 0,
  },
  // Prefixes of GitLab, Slack, OpenAI and Anthropic, PyPI, age and Google.
  {
    rule: 'token',
    hint: /-(?<=gl(?:pat|rt)-|xox[abprs]-|xapp-|sk-|pypi-|AGE-)|AIza/,
    pattern:
      /(?<![A-Za-z0-9])(?:gl(?:pat|rt)-[\w-]{16,}|xox[abprs]-[\w-]{10,}|xapp-[\w-]{16,}|sk-[\w-]{32,}|pypi-[\w-]{16,}|AGE-SECRET-KEY-1[A-Z0-9]{40,}|AIza[\w-]{30,})/g,
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
  // A private key in base64 once more, as Secrets and kubeconfigs hold it: "-----BEGIN " and, unlike a certificate, "PRIVATE KEY".
  {
    rule: 'private-key',
    hint: /LS0tLS1CRUdJTi/,
    pattern: /LS0tLS1CRUdJTi[A-Za-z0-9+/]{20,}={0,2}/g,
    group: 0,
    only: (base64) => Buffer.from(base64.slice(0, 80), 'base64').includes('PRIVATE KEY'),
  },
  // Incoming webhooks and bots, whose path is their secret.
  {
    rule: 'token',
    hint: /\.(?:com|org)(?<=hooks\.slack\.com|webhook\.office\.com|discord(?:app)?\.com|api\.telegram\.org)/,
    pattern:
      /:\/\/(?:(?:hooks\.slack\.com|[\w-]{1,60}\.webhook\.office\.com|discord(?:app)?\.com)\/(?:services|workflows|triggers|webhookb2|api\/webhooks)\/|api\.telegram\.org\/bot)([\w@.:/-]{8,400})/g,
    group: 1,
  },
  // RFC 6750 and RFC 7617 credentials in a header or a log of one; "basic authentication" is a word.
  {
    rule: 'token',
    hint: /bearer|basic/i,
    pattern: /\b(?:bearer|basic)\s{1,9}([\w.~+/-]{8,}={0,2})/gi,
    group: 1,
    only: (secret) => /[0-9=]|[a-z][A-Z]/.test(secret),
  },
  // Docker's config.json: base64 of user:password.
  {
    rule: 'token',
    hint: /"auth\\*"\s*:/,
    pattern: /"auth\\*"\s{0,3}:\s{0,3}\\*"([A-Za-z0-9+/_-]{8,4000}={0,2})/g,
    group: 1,
  },
]
