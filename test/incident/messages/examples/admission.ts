import type { Example } from './example.ts'

export const examples: readonly Example[] = [
  [
    'webhook-timed-out',
    'FailedCreate',
    'Error creating: Internal error occurred: failed calling webhook "mutate.policy.io": failed to call webhook: Post "https://policy.policy-system.svc:443/mutate?timeout=10s": context deadline exceeded',
    { webhook: 'mutate.policy.io', cause: 'context deadline exceeded' },
  ],
  [
    'webhook-without-endpoints',
    'FailedCreate',
    'Error creating: Internal error occurred: failed calling webhook "mutate.policy.io": failed to call webhook: Post "https://policy.policy-system.svc:443/mutate?timeout=10s": no endpoints available for service "policy"',
    { webhook: 'mutate.policy.io', service: 'policy' },
  ],
  [
    'webhook-service-missing',
    'FailedCreate',
    'Internal error occurred: failed calling webhook "mutate.policy.io": failed to call webhook: Post "https://policy.policy-system.svc:443/mutate?timeout=10s": service "policy" not found',
    { webhook: 'mutate.policy.io', service: 'policy' },
  ],
  [
    'webhook-unreachable',
    'FailedCreate',
    'Internal error occurred: failed calling webhook "mutate.policy.io": failed to call webhook: Post "https://policy.policy-system.svc:443/mutate?timeout=10s": dial tcp 10.0.7.8:8443: connect: connection refused',
    { webhook: 'mutate.policy.io', cause: 'connection refused' },
  ],
  [
    'webhook-certificate-invalid',
    'FailedCreate',
    'Internal error occurred: failed calling webhook "mutate.policy.io": failed to call webhook: Post "https://policy.policy-system.svc:443/mutate?timeout=10s": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    {
      webhook: 'mutate.policy.io',
      cause: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    },
  ],
  [
    'webhook-call-failed',
    'FailedCreate',
    'Error creating: Internal error occurred: failed calling webhook "mutate.policy.io": failed to call webhook: Post "https://policy.policy-system.svc:443/mutate?timeout=10s": context deadline exceeded',
    { webhook: 'mutate.policy.io', service: 'policy', namespace: 'policy-system' },
  ],
  [
    'webhook-call-failed',
    'FailedCreate',
    'Internal error occurred: failed calling webhook "mutate.policy.io": Post https://policy.policy-system.svc:443/mutate?timeout=30s: dial tcp: i/o timeout',
    { webhook: 'mutate.policy.io', service: 'policy', namespace: 'policy-system' },
  ],
  [
    'webhook-call-failed',
    'FailedCreate',
    'Internal error occurred: failed calling admission webhook "mutate.policy.io": an error on the server',
    { webhook: 'mutate.policy.io' },
  ],
  [
    'conversion-webhook-failed',
    '',
    'conversion webhook for cert-manager.io/v1alpha2, Kind=Certificate failed: Post "https://cert-manager-webhook.cert-manager.svc:443/convert?timeout=30s": dial tcp: connection refused',
    { kind: 'cert-manager.io/v1alpha2, Kind=Certificate', group: 'cert-manager.io', name: 'Certificate' },
  ],
  [
    'policy-denied',
    'FailedCreate',
    'Error creating: admission webhook "validate.kyverno.svc-fail" denied the request: resource Pod/shop/web was blocked due to the following policies',
    { webhook: 'validate.kyverno.svc-fail', cause: 'resource Pod/shop/web was blocked due to the following policies' },
  ],
  [
    'policy-denied',
    'FailedCreate',
    "pods \"web\" is forbidden: ValidatingAdmissionPolicy 'no-latest' with binding 'no-latest-all' denied request: image tag latest is not allowed",
    { policy: 'no-latest', binding: 'no-latest-all', cause: 'image tag latest is not allowed' },
  ],
  [
    'pod-security-violation',
    'FailedCreate',
    'Error creating: pods "web-7d9c5b6f4-x2x7p" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false)',
    {
      level: 'restricted:latest',
      cause:
        'allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false)',
    },
  ],
  [
    'pod-security-violation',
    'FailedCreate',
    'Error creating: pods "web-" is forbidden: unable to validate against any pod security policy: [spec.securityContext.hostNetwork: Invalid value: true]',
    { cause: '[spec.securityContext.hostNetwork: Invalid value: true]' },
  ],
  [
    'quota-exceeded',
    'FailedCreate',
    'Error creating: pods "web-x" is forbidden: exceeded quota: team, requested: limits.cpu=2,pods=1, used: limits.cpu=9,pods=20, limited: limits.cpu=10,pods=20',
    { quota: 'team', requested: 'limits.cpu=2,pods=1', used: 'limits.cpu=9,pods=20', limited: 'limits.cpu=10,pods=20' },
  ],
  [
    'quota-demands-requests',
    'FailedCreate',
    'Error creating: pods "web-x" is forbidden: failed quota: team: must specify limits.cpu for: web; requests.memory for: web',
    { quota: 'team', resources: 'limits.cpu for: web; requests.memory for: web' },
  ],
  [
    'quota-not-counted-yet',
    'FailedCreate',
    'Error creating: pods "web-x" is forbidden: status unknown for quota: team, resources: limits.cpu',
    { quota: 'team' },
  ],
  [
    'limit-range-violated',
    'FailedCreate',
    'Error creating: pods "web-x" is forbidden: maximum cpu usage per Container is 2, but limit is 4',
    { bound: 'maximum', resource: 'cpu', of: 'Container', limit: '2' },
  ],
  [
    'limit-range-violated',
    'FailedCreate',
    'pods "web-x" is forbidden: memory max limit to request ratio per Container is 2, but provided ratio is 4.000000',
    { resource: 'memory', of: 'Container', limit: '2' },
  ],
  [
    'missing-priority-class',
    'FailedCreate',
    'Error creating: pods "web-" is forbidden: no PriorityClass with name gold was found',
    { name: 'gold' },
  ],
  [
    'namespace-terminating',
    'FailedCreate',
    'Error creating: pods "web-x" is forbidden: unable to create new content in namespace shop because it is being terminated',
    { namespace: 'shop' },
  ],
  ['missing-namespace', '', 'Error from server (NotFound): namespaces "shop" not found', { namespace: 'shop' }],
  [
    'invalid-object',
    'FailedCreate',
    'Error creating: Pod "web-x" is invalid: spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    {
      kind: 'Pod',
      name: 'web-x',
      cause: 'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    },
  ],
  [
    'immutable-field',
    '',
    'Deployment.apps "web" is invalid: spec.selector: Invalid value: v1.LabelSelector{}: field is immutable',
    {},
  ],
]
