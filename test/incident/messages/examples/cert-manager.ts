import type { Example } from './example.ts'

export const examples: readonly Example[] = [
  [
    'certificate-renewal-failed',
    'Failed',
    'The certificate request has failed to complete and will be retried: Failed to wait for order resource "web-1" to become ready',
    { cause: 'Failed to wait for order resource "web-1" to become ready' },
  ],
  [
    'certificate-issuer-missing',
    'Pending',
    'Referenced "ClusterIssuer" not found: clusterissuer.cert-manager.io "letsencrypt" not found',
    { kind: 'ClusterIssuer', cause: 'clusterissuer.cert-manager.io "letsencrypt" not found' },
  ],
  [
    'certificate-expired',
    'Expired',
    'Certificate expired on Mon, 12 Jan 2026 10:00:00 UTC',
    { time: 'Mon, 12 Jan 2026 10:00:00 UTC' },
  ],
  [
    'certificate-challenge-failed',
    'Failed',
    'Error accepting authorization: acme: authorization error for shop.example.com: 403 urn:ietf:params:acme:error:unauthorized',
    { cause: 'acme: authorization error for shop.example.com: 403 urn:ietf:params:acme:error:unauthorized' },
  ],
  [
    'certificate-issuing',
    'Issuing',
    'Issuing certificate as Secret does not exist',
    { cause: 'Secret does not exist' },
  ],
  ['certificate-issued', 'Issuing', 'The certificate has been successfully issued', {}],
]
