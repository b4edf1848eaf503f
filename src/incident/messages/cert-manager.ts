import { type Message, speaker } from './message.ts'

const says = speaker('cert-manager')

/** What cert-manager says of certificates. */
export const certManager = {
  'certificate-renewal-failed': says('A certificate was asked for and refused; the next attempt comes later.', [
    /The certificate request has failed to complete and will be retried(?:: (?<cause>[^\n]{1,400}))?/,
    'pkg/controller/certificates/issuing',
  ]),
  'acme-rate-limited': speaker('ACME')(
    'An authority gives no more certificates for these names, or to this account, for a while.',
    [
      /urn:ietf:params:acme:error:rateLimited(?:: ?(?<cause>[^\n]{1,300}))?|too many (?:certificates(?: \(\d+\))? already issued|failed authorizations|new orders|currently pending authorizations|registrations)[^\n]{0,200}/,
      'RFC 8555 section 6.7; boulder ratelimits',
    ],
  ),
  'certificate-issuer-missing': says('The issuer of a certificate does not exist, or is not ready.', [
    /Referenced "?(?<kind>ClusterIssuer|Issuer)"? (?:not found: (?<cause>[^\n]{1,200})|"?(?<name>[\w.-]{1,253})"? does not have a Ready status condition)|Issuer (?<issuer>[\w.-]{1,253}) not found/,
    'pkg/controller/certificaterequests',
  ]),
  'certificate-expired': says('A certificate has expired.', [
    /Certificate expired on (?<time>[^\n]{1,80})/,
    'pkg/controller/certificates/trigger/policies/checks.go',
  ]),
  'certificate-challenge-failed': says('The proof that the name is ours was not accepted.', [
    /(?:propagation check failed|Error accepting (?:challenge|authorization))(?:[^\n]{0,120}?: ?(?<cause>[^\n]{1,300}))?|self check[^\n]{0,120}failed|(?:Waiting for (?:HTTP|DNS)-01 challenge propagation: (?:failed to perform self check )?|failed to perform self check )(?<check>[^\n]{1,300})/,
    'pkg/controller/acmechallenges/sync.go',
  ]),
  'certificate-order-failed': says('The order of a certificate did not come to its end.', [
    /Failed to wait for order resource(?:[^\n]{0,120}?: ?(?<cause>[^\n]{1,300}))?/,
    'pkg/controller/certificaterequests/acme',
  ]),
  'certificate-issuing': says('A certificate is being issued, as it is new, changed or near its end.', [
    /Issuing certificate as (?<cause>[^\n]{1,300})|Renewing certificate as renewal was scheduled/,
    'pkg/controller/certificates/trigger/policies/checks.go',
  ]),
  'certificate-issued': says('A certificate was issued.', [
    /The certificate has been successfully issued|Certificate is up to date and has not expired/,
    'pkg/controller/certificates/issuing',
  ]),
} satisfies Record<string, Message>
