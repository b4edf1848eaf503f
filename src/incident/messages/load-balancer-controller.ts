import { type Message, signaller, speaker } from './message.ts'

const says = speaker('aws-load-balancer-controller')
const signals = signaller('aws-load-balancer-controller', 'pkg/k8s/events.go')

/** What the controller of load balancers says of ingresses, services and target groups. */
export const loadBalancerController = {
  'lb-subnet-unresolved': says('No subnet is tagged for the load balancer, or has room for it.', [
    /unable to resolve at least one subnet(?: \((?<cause>[^)]{1,400})\))?|couldn't auto-discover subnets: (?<undiscovered>[^\n]{1,300})/,
    'pkg/networking/subnet_resolver.go',
  ]),
  'lb-security-group-ambiguous': says('Not exactly one security group of a machine is tagged for the cluster.', [
    /expect(?:ed)? exactly one securityGroup tagged with (?<tag>\S{1,200})[^\n]{0,60}?, got: \[(?<groups>[^\]]{0,300})\]/,
    'pkg/networking/networking_manager.go',
  ]),
  'lb-certificate-missing': says('No certificate fits the host of the ingress.', [
    /no certificate found for host: (?<host>[\w.*-]{1,253})/,
    'pkg/ingress/cert_discovery.go',
  ]),
  'lb-backend-missing': says('The ingress names a service, or a port of it, that does not exist.', [
    /Backend ?[Nn]ot ?[Ff]ound|backend (?:service|port) not found/,
    'pkg/ingress/enhanced_backend_builder.go',
  ]),
  'lb-backend-not-found': signals(
    'The ingress names a service, or a port of it, that does not exist.',
    'BackendNotFound',
  ),
  'lb-address-unassigned': speaker('metallb')(
    'No pool has an address for the Service, or it may not have the one that it asks for.',
    [
      /Failed to allocate IP for "(?<service>[^"]{1,320})": (?<cause>[^\n]{1,300})/,
      'controller/service.go (AllocationFailed)',
    ],
  ),
  'lb-model-failed': says('The load balancer could not be planned from the objects.', [
    /Failed build model due to (?<cause>[^\n]{1,600})/,
    'pkg/k8s/events.go',
  ]),
  'lb-deploy-failed': says('The load balancer could not be made as planned; the cloud says why.', [
    /Failed deploy model due to (?<cause>[^\n]{1,600})/,
    'pkg/k8s/events.go',
  ]),
  'lb-controller-broken': signals(
    'The controller could not bring a load balancer or its targets to the wanted state.',
    'FailedBuildModel',
    'FailedDeployModel',
    'FailedReconcile',
    'FailedNetworkReconcile',
    'FailedAddFinalizer',
    'FailedRemoveFinalizer',
    'FailedUpdateStatus',
    'FailedUpdateEndpoints',
    'FailedCleanup',
  ),
  'lb-class-conflict': signals('The ingress names its class in two ways that differ.', 'ConflictingIngressClass'),
  'lb-reconciled': signals('The load balancer is as wanted.', 'SuccessfullyReconciled'),
  'lb-readiness-gate-pending': speaker('aws-load-balancer-controller', ['Elb.*', 'Target.*'])(
    'The load balancer does not send requests to the pod yet; the reason says why.',
    [
      /Target registration is in progress|Initial health checks in progress|Health checks failed(?: with these codes: \[(?<codes>[^\]]{1,60})\])?|Target deregistration is in progress|Target is not registered|Request timed out/,
      'ELBv2 DescribeTargetHealth',
    ],
  ),
  'target-health': says('What a load balancer says of a target.', [
    /\b(?<state>Target\.(?:FailedHealthChecks|Timeout|ResponseCodeMismatch|NotRegistered|NotInUse|DeregistrationInProgress|InvalidState|IpUnusable|HealthCheckDisabled)|Elb\.(?:InternalError|InitialHealthChecking|RegistrationInProgress))\b/,
    'ELBv2 DescribeTargetHealth',
  ]),
} satisfies Record<string, Message>
