import type { Example } from './example.ts'

export const examples: readonly Example[] = [
  [
    'lb-subnet-unresolved',
    'FailedBuildModel',
    'Failed build model due to unable to resolve at least one subnet (0 match VPC and tags: [kubernetes.io/role/elb])',
    { cause: '0 match VPC and tags: [kubernetes.io/role/elb]' },
  ],
  [
    'lb-subnet-unresolved',
    'FailedBuildModel',
    "Failed build model due to couldn't auto-discover subnets: unable to discover at least one subnet",
    { undiscovered: 'unable to discover at least one subnet' },
  ],
  [
    'lb-security-group-ambiguous',
    'FailedNetworkReconcile',
    'expect exactly one securityGroup tagged with kubernetes.io/cluster/prod for eni eni-0ab, got: [sg-0ab sg-0cd] (clusterName: prod)',
    { tag: 'kubernetes.io/cluster/prod', groups: 'sg-0ab sg-0cd' },
  ],
  [
    'lb-certificate-missing',
    'FailedBuildModel',
    'Failed build model due to no certificate found for host: shop.example.com',
    { host: 'shop.example.com' },
  ],
  ['lb-backend-missing', 'FailedBuildModel', 'Backend not found: shop/web', {}],
  ['lb-backend-not-found', 'BackendNotFound', 'backend service not found: shop/web', {}],
  [
    'lb-model-failed',
    'FailedBuildModel',
    'Failed build model due to ingress: shop/web: oops',
    { cause: 'ingress: shop/web: oops' },
  ],
  [
    'lb-deploy-failed',
    'FailedDeployModel',
    'Failed deploy model due to AccessDenied: User is not authorized',
    { cause: 'AccessDenied: User is not authorized' },
  ],
  ['lb-controller-broken', 'FailedReconcile', 'Failed to reconcile', {}],
  ['lb-class-conflict', 'ConflictingIngressClass', 'the kubernetes.io/ingress.class annotation conflicts', {}],
  ['lb-reconciled', 'SuccessfullyReconciled', 'Successfully reconciled', {}],
  ['lb-readiness-gate-pending', 'Elb.RegistrationInProgress', 'Target registration is in progress', {}],
  [
    'target-health',
    '',
    'TargetHealth: State=unhealthy Reason=Target.FailedHealthChecks',
    { state: 'Target.FailedHealthChecks' },
  ],
  [
    'lb-address-unassigned',
    'AllocationFailed',
    'Failed to allocate IP for "shop/web": no available IPs',
    { service: 'shop/web', cause: 'no available IPs' },
  ],
]
