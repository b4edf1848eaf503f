import { type Message, signaller, speaker } from './message.ts'

const says = speaker('karpenter')
const signals = signaller('karpenter', 'pkg/events/reason.go')

const SCHEDULER = 'pkg/controllers/provisioning/scheduling/scheduler.go'
const NODECLAIM = 'pkg/controllers/provisioning/scheduling/nodeclaim.go'
const INTERRUPTION = 'pkg/controllers/interruption/events/events.go'

/** What Karpenter says; `karpenter-failure.ts` takes its refusals apart by node pool. */
export const karpenter = {
  'karpenter-nodepool-limit': says(
    'A node pool is as large as it may be.',
    [
      /all available instance types exceed limits for (?:nodepool|provisioner):? "(?<nodepool>[^"]{1,253})"/,
      SCHEDULER,
      { until: 'v1.4' },
    ],
    [
      /all available instance types exceed limits for nodepool(?: \(NodePool=(?<nodepool>[\w.-]{1,253})\))?/,
      SCHEDULER,
      { since: 'v1.5' },
    ],
    [
      /node limits have been exhausted for nodepool(?: \(NodePool=(?<nodepool>[\w.-]{1,253})\))?/,
      SCHEDULER,
      { since: 'v1.8' },
    ],
    [/(?:cpu|memory) resource usage of \S{1,40} exceeds limit of (?<limit>\w{1,20})/, 'pkg/apis/v1/nodepool.go'],
  ),
  'karpenter-no-matching-instance': says('No type of machine that the node pool allows fits the pod.', [
    /no instance type (?<cause>(?:met|had|has|which|satisfie[sd])[^\n]{1,140}?(?=, requirements=|, resources=| \{|\n|$|;))/,
    NODECLAIM,
  ]),
  'karpenter-no-offering': says(
    'Of the machines that fit, none is offered: a kind that the cloud ran out of is left out for some minutes.',
    [/no instance type [^\n]{0,200}?ha[sd] (?:a|the) required offering/, NODECLAIM],
  ),
  'karpenter-taint': says(
    'The pod does not tolerate a taint of the node pool.',
    [/did not tolerate taint \(taint=(?<taint>[^\s,)]{1,320})/, 'pkg/scheduling/taints.go', { since: 'v1.5' }],
    [
      /did not tolerate (?<taint>[\w./-]{1,320}(?:=[\w.-]{0,63})?:\w{1,20})/,
      'pkg/scheduling/taints.go',
      { until: 'v1.4' },
    ],
  ),
  'karpenter-incompatible-requirements': says('What the pod demands of a node, the node pool does not offer.', [
    /incompatible requirements, (?<cause>[^\n;]{1,300})/,
    NODECLAIM,
  ]),
  'karpenter-min-values': says('The node pool demands more kinds of machines to choose from than are left.', [
    /minValues requirement is not met(?: for (?:label\(s\)|keys?))?|due to minValues incompatibility/,
    'pkg/cloudprovider/types.go',
  ]),
  'karpenter-no-instance-types': says('No type of machine is left that the node pool allows.', [
    /NodePool requirements filtered out all (?:compatible )?available instance types/i,
    'pkg/controllers/provisioning/scheduling/events.go',
  ]),
  'karpenter-no-nodepools': says('No node pool is ready, so no node can be made.', [
    /no (?:ready |dynamic )?(?:nodepools|provisioners) found/i,
    'pkg/controllers/provisioning/provisioner.go',
  ]),
  'karpenter-unschedulable': says(
    'Karpenter will not make a node for the pod; each node pool has its reason.',
    [/Failed to schedule pod, (?<cause>[^\n]{1,600})/, 'pkg/controllers/provisioning/scheduling/events.go'],
    [/[Cc]ould not schedule pod/, SCHEDULER],
  ),
  'karpenter-nominated': says('Karpenter expects the pod on a node that is there or comes.', [
    /Pod should schedule on: (?<target>[^\n]{1,300})/,
    'pkg/controllers/provisioning/scheduling/events.go',
  ]),
  'karpenter-insufficient-capacity': signals(
    'The cloud had no machine of the kinds that were asked for.',
    'InsufficientCapacityError',
  ),
  'karpenter-node-class-not-ready': signals(
    'The node class cannot be used: its subnets, groups, images or role were not found.',
    'NodeClassNotReady',
  ),
  'karpenter-launch-failed': signals('A machine did not start.', 'LaunchFailed', 'FailedLaunch'),
  'karpenter-registration-taint-missing': signals(
    'The image of the node does not keep the taint that Karpenter starts nodes with.',
    'UnregisteredTaintMissing',
  ),
  'karpenter-node-not-initialized': says(
    'A node came and is not usable yet: a startup taint, a resource or its readiness is missing.',
    [
      /Node not registered with cluster|StartupTaint "(?<taint>[^"]{1,320})" still exists|[Rr]esource "(?<resource>[^"]{1,253})" was requested but not registered|KnownEphemeralTaint "(?<ephemeral>[^"]{1,320})" still exists/,
      'pkg/controllers/nodeclaim/lifecycle/initialization.go',
    ],
  ),
  'karpenter-disrupting': says('Karpenter removes a node.', [
    /Disrupting (?:Node|NodeClaim): (?<cause>[\w/ -]{1,60}\w)/,
    'pkg/controllers/disruption/events/events.go',
  ]),
  'karpenter-disruption-terminating': signals('Karpenter removes a node.', 'DisruptionTerminating'),
  'karpenter-disruption-blocked': signals(
    'Karpenter would remove a node and may not.',
    'DisruptionBlocked',
    'DeprovisioningBlocked',
  ),
  'karpenter-unconsolidatable': signals('A node cannot be replaced by fewer or cheaper ones.', 'Unconsolidatable'),
  'karpenter-drain-failed': signals('Karpenter cannot empty a node.', 'FailedDraining'),
  'karpenter-budget-exhausted': says('The budget of the node pool forbids to remove more nodes now.', [
    /No allowed disruptions (?:for disruption reason (?<cause>\w{1,40}) )?due to blocking budget/,
    'pkg/controllers/disruption/events/events.go',
  ]),
  'karpenter-do-not-disrupt': says('A pod or a node asks not to be disturbed.', [
    /pod has "karpenter\.sh\/do-not-(?:disrupt|evict)" annotation|[Dd]isruption is blocked (?:through the|with the) "karpenter\.sh\/do-not-disrupt" annotation|Pod "(?<pod>[^"]{1,320})" has "karpenter\.sh\/do-not-(?:disrupt|evict)" annotation/,
    'pkg/controllers/state/statenode.go',
  ]),
  'autorepair-halted-by-guardrail': says(
    'So many nodes are unhealthy that Karpenter repairs none: the cause is shared.',
    [
      /more the?a?n (?<share>\d+%?) (?:of )?nodes are unhealthy in the (?<scope>nodepool|cluster)/,
      'pkg/controllers/node/health/controller.go',
    ],
  ),
  'karpenter-awaits-detachment': says('A node waits until its volumes are detached.', [
    /Awaiting deletion of bound volumeattachments \((?<attachments>[^)]{1,600})\)/,
    'pkg/controllers/node/termination/terminator/events/events.go',
  ]),
  'karpenter-grace-expiring': says('A node must be gone soon; its pods are deleted then, whatever protects them.', [
    /All pods will be deleted by (?<time>[\w:.+-]{1,40})/,
    'pkg/controllers/node/termination/terminator/events/events.go',
  ]),
  'karpenter-forced-delete': says('A pod is deleted past its budget because its node must go.', [
    /Deleting the pod to accommodate the terminationTime (?<time>[^\n]{1,60}?) of the node/,
    'pkg/controllers/node/termination/terminator/events/events.go',
  ]),
  'karpenter-evicted': says('Karpenter evicted the pod to empty its node.', [
    /Evicted pod(?:: (?<cause>[\w/ -]{1,60}\w))?$/,
    'pkg/controllers/node/termination/terminator/events/events.go',
  ]),
  'karpenter-inconsistent-node': signals('A node is not what was ordered.', 'FailedConsistencyCheck'),
  'karpenter-spot-interrupted': speaker('karpenter-provider-aws', ['SpotInterrupted'])(
    'The cloud takes a machine back that it lent.',
    [/Spot interruption(?: warning)?(?: was triggered)?/, INTERRUPTION],
  ),
  'karpenter-rebalance-recommended': speaker('karpenter-provider-aws', ['SpotRebalanceRecommendation'])(
    'The cloud may soon take a machine back that it lent.',
    [/Spot rebalance recommendation(?: was triggered)?/, INTERRUPTION],
  ),
  'karpenter-machine-interrupted': speaker('karpenter-provider-aws', [
    'InstanceStopping',
    'InstanceTerminating',
    'InstanceUnhealthy',
    'CapacityReservationInterrupted',
  ])('The cloud stops, ends or doubts a machine.', [
    /(?<kind>Instance (?:is )?(?:stopping|terminating|unhealthy)|Capacity reservation(?: instance)? interruption)(?: warning)?(?: was triggered)?/,
    INTERRUPTION,
  ]),
  'karpenter-interruption-termination': speaker('karpenter-provider-aws', ['TerminatingOnInterruption'])(
    'Karpenter removes a machine because the cloud takes, stops or doubts it.',
    [/Interruption triggered termination for the \w{1,20}/, INTERRUPTION],
  ),
} satisfies Record<string, Message>
