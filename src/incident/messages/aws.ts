import { type Message, speaker } from './message.ts'

const says = speaker('AWS')
const ec2 = speaker('EC2')
const eks = speaker('EKS')

/** What the interfaces of AWS answer, whoever asked; the most specific refusal stands first. */
export const aws = {
  'irsa-trust-denied': says('The role does not trust this service account of this cluster.', [
    /Not authorized to perform sts:AssumeRoleWithWebIdentity/,
    'STS API',
  ]),
  'oidc-provider-missing': says('The account knows no identity provider for this cluster.', [
    /No OpenIDConnect provider found in your account(?: for (?<issuer>[^\s,]{1,300}))?/,
    'STS API, InvalidIdentityToken',
  ]),
  'identity-token-invalid': says(
    'The token of the service account was refused: it has expired, or is for another audience.',
    [
      /InvalidIdentityToken|ExpiredTokenException|Incorrect token audience|WebIdentityErr: failed to retrieve credentials/,
      'STS API',
    ],
  ),
  'node-role-denied': says('A pod used the role of its node, so its own role is not in effect, or it has none.', [
    /assumed-role\/(?<role>[\w+=,.@-]{1,64})\/(?<instance>i-[0-9a-f]{8,17}) is not authorized to perform: (?<action>[\w-]{1,40}:\w{1,80})/,
    'IAM',
  ]),
  'aws-access-denied': says(
    'The caller may not do what it tried.',
    [
      /(?<principal>arn:aws[\w-]{0,12}:[^\s]{1,300}) is not authorized to perform: (?<action>[\w-]{1,40}:\w{1,80})/,
      'IAM',
    ],
    [/not authorized to perform: (?<action>[\w-]{1,40}:\w{1,80})/, 'IAM'],
    [/You are not authorized to perform this operation/, 'EC2 API'],
    [
      /Unauthorized operation: failed to call (?<action>ec2:\w{1,80}) due to missing permissions/,
      'amazon-vpc-cni-k8s, event MissingIAMPermissions',
    ],
    [/\b(?:AccessDenied(?:Exception)?|UnauthorizedOperation)\b/, 'API error codes'],
  ),
  'aws-credentials-missing': says('The caller found no credentials.', [
    /NoCredentialProviders: no valid providers in chain|failed to refresh cached credentials|no valid credential sources for|Unable to locate credentials|Unable to load (?:AWS )?credentials/,
    'SDKs',
  ]),
  'pod-identity-agent-failing': says(
    'The agent that gives credentials to pods does not answer on the node, or the pod is not associated with a role.',
    [
      /169\.254\.170\.23[^\n]{0,300}?(?<cause>connection refused|i\/o timeout|context deadline exceeded|no route to host|AccessDeniedException|40[034])/,
      'eks-pod-identity-agent',
    ],
    [
      /[Uu]nable to fetch credentials from EKS Auth|Error fetching credentials: error fetching credentials from EKS Auth/,
      'eks-pod-identity-agent internal/cloud',
    ],
  ),
  'signature-clock-skew': says(
    'The clock of the caller is wrong, so its signature counts as expired.',
    [/Signature (?:expired|not yet current)(?:: (?<times>[^\n]{1,120}))?/, 'API error codes'],
    [/RequestTimeTooSkewed|SignatureDoesNotMatch/, 'API error codes'],
  ),
  'sts-or-aws-api-throttled': says(
    'The account asks more often than it may.',
    [/(?<code>RequestLimitExceeded)/, 'EC2 API'],
    [
      /Throttling(?:Exception)?: Rate exceeded|\bThrottlingException\b|\bRate exceeded\b|TooManyRequestsException/,
      'API error codes',
    ],
    [/\bThrottling\b/, 'API error codes'],
  ),
  'capacity-unavailable-ice': ec2(
    'The zone has no machine of that kind now.',
    [
      /InsufficientInstanceCapacity|UnfulfillableCapacity|InsufficientHostCapacity|InsufficientReservedInstanceCapacity/,
      'API error codes',
    ],
    [
      /We currently do not have sufficient (?:(?<type>[\w.-]{1,40}) )?capacity in the Availability Zone you requested(?: \((?<zone>[\w-]{1,30})\))?/,
      'API error codes',
    ],
    [
      /[Aa]ll requested instance types were unavailable during launch/,
      'karpenter-provider-aws pkg/providers/instance/instance.go',
    ],
    [
      /GCE out of resources|RESOURCE_POOL_EXHAUSTED(?:_WITH_DETAILS)?|Reservation capacity exceeded/,
      'of Google: cluster-autoscaler cloudprovider/gce/autoscaling_gce_client.go',
    ],
    [
      /\b(?<code>ZonalAllocationFailed|OverconstrainedZonalAllocationRequest|OverconstrainedAllocationRequest|SkuNotAvailable|(?<=[Cc]ode["\\=: ]{1,5})AllocationFailed)\b/,
      'of Azure: Compute API error codes',
    ],
  ),
  'spot-quota': ec2('The account has as many spot machines as it may.', [
    /MaxSpotInstanceCountExceeded/,
    'API error codes',
  ]),
  'aws-quota-exceeded': says(
    'The account has as much of something as it may.',
    [
      /\b(?<code>VcpuLimitExceeded|InstanceLimitExceeded|AddressLimitExceeded|NetworkInterfaceLimitExceeded|VolumeLimitExceeded|SecurityGroupsPerInterfaceLimitExceeded|RulesPerSecurityGroupLimitExceeded|MaxIOPSLimitExceeded|TooManyTargets|TooManyLoadBalancers|TooManyListeners|TooManyRules|TooManyTargetGroups|TooManyCertificates|TooManyRegistrationsForTargetId|ResourceLimitExceeded|LimitExceededException|ServiceQuotaExceededException|SnapshotLimitExceeded)/,
      'API error codes',
    ],
    [/You have requested more vCPU capacity than your current vCPU limit of (?<limit>\d+)/, 'EC2 API'],
    [
      /GCE quota exceeded|OutOfResource\.QUOTA_EXCEEDED|Insufficient regional quota to satisfy request: resource "(?<resource>[^"]{1,80})"|Quota '(?<quota>[\w-]{1,80})' exceeded\. {1,2}Limit: (?<most>[\d.]{1,20})/,
      'of Google: cluster-autoscaler cloudprovider/gce/autoscaling_gce_client.go, Compute API',
    ],
    [
      /exceeding approved (?<family>[\w .-]{1,80}?) quota|(?<=[Cc]ode["\\=: ]{1,5})QuotaExceeded\b/i,
      'of Azure: Compute API error codes',
    ],
  ),
  'attachment-limit': ec2(
    'The machine has as many disks or interfaces as it takes.',
    [
      /AttachmentLimitExceeded|Attaching (?<count>\d+) volumes? exceeds (?:the )?(?:instance )?limit/,
      'API error codes',
    ],
    [
      /maximum number of data disks allowed to be attached to a VM of this size is (?<count>\d+)/,
      'of Azure: Compute API error codes',
    ],
  ),
  'kms-key-unusable': says(
    'The key that encrypts is disabled, deleted, or not granted.',
    [/(?:Client\.)?InvalidKMSKey\.(?<cause>\w{1,40})/, 'EC2 API'],
    [
      /KMSInvalidStateException|KMS\.DisabledException|KMSKeyNotAccessibleFault|KMS\.NotFoundException|KMSAccessDeniedException|CustomerKeyHasBeenRevoked/,
      'KMS API',
    ],
    [/is pending deletion\.|The ciphertext refers to a customer master key that does not exist/, 'KMS API'],
  ),
  'ec2-launch-internal-error': ec2('A machine ended while it started: mostly a root disk whose key may not be used.', [
    /Client\.InternalError(?:: Client error on launch)?/,
    'state reasons',
  ]),
  'spot-termination': ec2('The cloud took a spot machine back.', [
    /Server\.SpotInstanceTermination|Server\.SpotInstanceShutdown/,
    'state reasons',
  ]),
  'instance-user-shutdown': ec2('Someone, or something, ended the machine.', [
    /Client\.(?:UserInitiatedShutdown|InstanceInitiatedShutdown|UserInitiatedHibernate)/,
    'state reasons',
  ]),
  'instance-server-error': ec2('The cloud could not start or keep the machine.', [
    /Server\.(?:InternalError|InsufficientInstanceCapacity|ScheduledStop)/,
    'state reasons',
  ]),
  'instance-event': ec2('The cloud has planned something for the machine.', [
    /\b(?<event>instance-retirement|instance-stop|instance-reboot|system-reboot|system-maintenance)\b/,
    'DescribeInstanceStatus',
  ]),
  'volume-missing': ec2('The disk does not exist.', [
    /InvalidVolume\.(?<cause>NotFound|ZoneMismatch)/,
    'API error codes',
  ]),
  'volume-held-by-other': ec2(
    'The disk is attached to another machine.',
    [/VolumeInUse|(?<volume>vol-\w{8,40}) is already attached to an instance/, 'API error codes'],
    [
      /disk\([^)\n]{1,400}\) already attached to node\((?<holder>[^)\n]{1,400})\)/,
      'of Azure: cloud-provider-azure pkg/provider/azure_controller_common.go',
    ],
    [/RESOURCE_IN_USE_BY_ANOTHER_RESOURCE/, 'of Google: Compute API error codes'],
  ),
  'instance-missing': ec2('The machine does not exist, or is in a state that forbids it.', [
    /InvalidInstanceID\.(?<cause>NotFound|Malformed)|IncorrectInstanceState|IncorrectState\b/,
    'API error codes',
  ]),
  'subnet-missing': ec2('The subnet, or group, does not exist.', [
    /Invalid(?:SubnetID|SubnetId|Group|GroupId|SecurityGroupID|NetworkInterfaceID|LaunchTemplateName|LaunchTemplateId|AMIID)\.(?<cause>NotFound|NotFoundException|Malformed|Unavailable)/,
    'API error codes',
  ]),
  'launch-template-mismatch': eks('The launch template is not the version that the node group was made with.', [
    /Ec2LaunchTemplateVersionMismatch|Ec2LaunchTemplateNotFound|Ec2LaunchTemplateMaxLimitExceeded/,
    'node group health issues',
  ]),
  'node-cannot-join': eks('Machines of a node group started and did not become nodes.', [
    /\bNodeCreationFailure\b|Instances failed to join the kubernetes cluster|Unhealthy nodes in the kubernetes cluster/,
    'node group health issues',
  ]),
  'asg-launch-failed': eks('The group could not start machines.', [
    /\bAsgInstanceLaunchFailures\b|Launching a new EC2 instance\. {1,2}Status Reason: (?<cause>[^\n]{1,300})|Could not launch (?:On-Demand|Spot) Instances?\. (?<code>\w{1,60})/,
    'node group health issues',
  ]),
  'pod-eviction-failure': eks('A node group was not updated because pods could not be evicted.', [
    /\bPodEvictionFailure\b|Reached max retries while trying to evict pods from nodes in node group/,
    'update errors',
  ]),
  'control-plane-upgrade-blocked': eks('The cluster has a health issue, and cannot be upgraded until it is mended.', [
    /\b(?<issue>SUBNET_NOT_FOUND|SECURITY_GROUP_NOT_FOUND|KMS_KEY_DISABLED|KMS_KEY_NOT_FOUND|KMS_GRANT_REVOKED|KMS_KEY_MARKED_FOR_DELETION|ASSUME_ROLE_ACCESS_DENIED(?:_USING_SLR)?|PERMISSION_ACCESS_DENIED(?:_USING_SLR)?|STS_REGIONAL_ENDPOINT_DISABLED|OPT_IN_REQUIRED|VPC_NOT_FOUND|IP_NOT_AVAILABLE|EC2_SUBNET_NOT_FOUND|IAM_ROLE_NOT_FOUND|KMS_GRANT_NOT_FOUND|INTERNAL_FAILURE|ACCESS_DENIED|EC2_SERVICE_NOT_SUBSCRIBED|EC2_SECURITY_GROUP_NOT_FOUND)\b/,
    'cluster health issues',
  ]),
  'addon-degraded-conflict': eks('An add-on was not updated because someone else set its fields.', [
    /\bConfigurationConflict\b/,
    'add-on health issues',
  ]),
  'addon-degraded': eks('An add-on does not run as it should.', [
    /\bInsufficientNumberOfReplicas\b|\bUnsupportedAddonModification\b|\bK8sResourceNotFound\b|\bAddonSubscriptionNeeded\b|\bAdmissionRequestDenied\b|The add-on is unhealthy because (?<cause>[^\n]{1,300})/,
    'add-on health issues',
  ]),
  'elb-target-missing': says('The load balancer, or its target group, does not exist.', [
    /\b(?<what>LoadBalancer|TargetGroup|Listener|Rule)NotFound\b/,
    'ELBv2 API',
  ]),
  'sts-unreachable': says('The service that gives credentials cannot be reached from here.', [
    /(?:https:\/\/sts\.[\w.-]{1,100}|lookup sts\.[\w.-]{1,100})[^\n]{0,300}?(?<cause>i\/o timeout|context deadline exceeded|no such host|connection refused|request canceled)/,
    'STS API',
  ]),
  'aws-endpoint-unreachable': says('An interface of AWS cannot be reached from here: no route, no endpoint, no name.', [
    /(?:https:\/\/|lookup )(?<host>(?:[\w-]{1,63}\.){1,6}amazonaws\.com(?:\.cn)?)[^\n]{0,300}?(?<cause>i\/o timeout|context deadline exceeded|no such host|connection refused|TLS handshake timeout)/,
    'SDKs',
  ]),
} satisfies Record<string, Message>
