import { type Message, speaker } from './message.ts'

const says = speaker('cert-manager')

/** What cert-manager says of certificates. */
export const certManager = {
  'certificate-renewal-failed': says('A certificate was asked for and refused; the next attempt comes later.', [
    /The certificate request has failed to complete and will be retried(?:: (?<cause>[^\n]{1,400}))?/,
    'pkg/controller/certificates/issuing',
  ]),
  'certificate-issuer-missing': says('The issuer of a certificate does not exist, or is not ready.', [
    /Referenced "?(?<kind>ClusterIssuer|Issuer)"? (?:not found: (?<cause>[^\n]{1,200})|"?(?<name>[\w.-]{1,253})"? does not have a Ready status condition)|Issuer (?<issuer>[\w.-]{1,253}) not found/,
    'pkg/controller/certificaterequests',
  ]),
  'certificate-expired': says('A certificate has expired.', [
    /Certificate expired on (?<time>[^\n]{1,80})/,
    'pkg/controller/certificates/trigger/policies/checks.go',
  ]),
  'certificate-challenge-failed': says('The proof that the name is ours was not accepted.', [
    /(?:propagation check failed|Error accepting (?:challenge|authorization)|Failed to wait for order resource)(?:[^\n]{0,120}?: ?(?<cause>[^\n]{1,300}))?|self check[^\n]{0,120}failed/,
    'pkg/controller/acmechallenges',
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
