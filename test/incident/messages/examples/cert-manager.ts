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
  [
    'acme-rate-limited',
    'Failed',
    'Failed to create Order: 429 urn:ietf:params:acme:error:rateLimited: too many certificates (5) already issued for this exact set of domains in the last 168h0m0s',
    { cause: 'too many certificates (5) already issued for this exact set of domains in the last 168h0m0s' },
  ],
  ['acme-rate-limited', '', 'acme: error: 429 :: too many failed authorizations recently', {}],
  [
    'certificate-order-failed',
    'Failed',
    'Failed to wait for order resource "web-1-7" to become ready: order is in "errored" state: Failed to create Order',
    { cause: 'order is in "errored" state: Failed to create Order' },
  ],
  [
    'certificate-challenge-failed',
    '',
    "Waiting for HTTP-01 challenge propagation: failed to perform self check GET request 'http://shop.example.com/.well-known/acme-challenge/abc': wrong status code '404', expected '200'",
    {
      check:
        "GET request 'http://shop.example.com/.well-known/acme-challenge/abc': wrong status code '404', expected '200'",
    },
  ],
  [
    'certificate-challenge-failed',
    '',
    'Waiting for DNS-01 challenge propagation: DNS record for "shop.example.com" not yet propagated',
    { check: 'DNS record for "shop.example.com" not yet propagated' },
  ],
]
