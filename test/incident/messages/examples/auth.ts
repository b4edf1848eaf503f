import type { Example } from './example.ts'

export const examples: readonly Example[] = [
  [
    'rbac-forbidden',
    '',
    'pods is forbidden: User "system:serviceaccount:ops:controller" cannot list resource "pods" in API group "" in the namespace "shop"',
    { user: 'system:serviceaccount:ops:controller', verb: 'list', resource: 'pods', group: '', namespace: 'shop' },
  ],
  ['rbac-forbidden', '', 'User "jane" cannot get path "/metrics"', { user: 'jane', verb: 'get', resource: '/metrics' }],
  [
    'privilege-escalation-refused',
    '',
    'roles.rbac.authorization.k8s.io "x" is forbidden: user "jane" is attempting to grant RBAC permissions not currently held',
    {},
  ],
  ['aws-identity-not-mapped', '', 'access denied: ARN is not mapped: arn:aws:iam::123456789012:role/nodes', {}],
  ['aws-auth-unreadable', '', 'could not parse aws-auth config map: yaml: line 3', {}],
  ['service-account-token-stale', '', 'invalid bearer token, service account token has expired', {}],
  [
    'service-account-token-missing',
    'FailedMount',
    'MountVolume.SetUp failed for volume "kube-api-access-x7" : failed to fetch token: serviceaccounts "web" not found',
    { cause: 'serviceaccounts "web" not found' },
  ],
  ['unauthorized', '', 'error: You must be logged in to the server (Unauthorized)', {}],
  ['unauthorized', '', 'Unauthorized', {}],
  [
    'cert-not-yet-valid',
    '',
    'x509: certificate has expired or is not yet valid: current time 2026-01-12T10:00:00Z is before 2026-01-12T10:05:00Z',
    { now: '2026-01-12T10:00:00Z', from: '2026-01-12T10:05:00Z' },
  ],
  [
    'cert-expired',
    '',
    'x509: certificate has expired or is not yet valid: current time 2026-01-12T10:00:00Z is after 2026-01-11T09:00:00Z',
    { now: '2026-01-12T10:00:00Z', until: '2026-01-11T09:00:00Z' },
  ],
  ['cert-expired', '', 'curl: (60) SSL certificate problem: certificate has expired', {}],
  [
    'mesh-issuer-invalid',
    '',
    'time="2026-01-12T10:00:00Z" level=error msg="could not process CSR because of CA cert validation failure: x509: certificate has expired or is not yet valid"',
    { cause: 'x509: certificate has expired or is not yet valid"' },
  ],
  ['ssh-host-key-refused', '', 'failed to clone: ssh: handshake failed: knownhosts: key mismatch', {}],
  ['cert-unknown-authority', '', 'x509: certificate signed by unknown authority', {}],
  [
    'cert-name-mismatch',
    '',
    'x509: certificate is valid for web.shop.svc, not web.prod.svc',
    { valid: 'web.shop.svc', wanted: 'web.prod.svc' },
  ],
  ['certificate-verify-failed', '', 'TLS error: 268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED', {}],
  ['csr-not-approved', '', 'remote error: tls: internal error', {}],
  [
    'api-client-unauthorized',
    '',
    'E0201 11:52:01.000001       1 reflector.go:147] pkg/mod/k8s.io/client-go@v0.28.4/tools/cache/reflector.go:229: Failed to watch *v1.ConfigMap: failed to list *v1.ConfigMap: Unauthorized',
    {},
  ],
  [
    'api-client-unauthorized',
    '',
    'E0201 11:52:01.000001       1 leaderelection.go:330] error retrieving resource lock ops/operator: Unauthorized',
    {},
  ],
]
