import { type Message, signaller, speaker } from './message.ts'

const says = speaker('cluster-autoscaler')
const signals = signaller('cluster-autoscaler', 'clusterstate/clusterstate.go')

const EVENTS = 'processors/status/eventing_scale_up_processor.go'

/** What the cluster autoscaler says; `not-triggered.ts` takes its list of reasons apart. */
export const clusterAutoscaler = {
  'node-group-max-size': says('Node groups are as large as they may be.', [
    /(?<count>\d+) max node group size reached/,
    'core/scaleup/orchestrator/skippedreasons.go',
  ]),
  'cluster-max-size': says('The cluster has as many nodes, or as much of a resource, as it may.', [
    /max cluster (?<resource>[\w/., -]{1,60}) limit reached|[Mm]ax total nodes in cluster reached/,
    'core/scaleup/orchestrator/skippedreasons.go',
  ]),
  'node-group-in-backoff': says('Node groups failed to grow before; the autoscaler waits before it tries them again.', [
    /(?<count>\d+) in backoff after failed scale-up/,
    'core/scaleup/orchestrator/skippedreasons.go',
  ]),
  'node-group-not-ready': says('Node groups are not healthy enough to be grown.', [
    /(?<count>\d+) not ready for scale-up/,
    'core/scaleup/orchestrator/skippedreasons.go',
  ]),
  'ca-cannot-scale-up': says('No node group can give the pod a node.', [
    /pod didn't trigger scale-up(?: \(it wouldn't fit if a new node is added\))?/,
    EVENTS,
  ]),
  'ca-triggered-scale-up': says('The autoscaler grows node groups for the pod.', [
    /pod triggered scale-up: \[?(?<groups>[^\]\n]{1,600})/,
    EVENTS,
  ]),
  'ca-scale-up-failed': says(
    'A node group did not grow; the cloud says why.',
    [
      /Scale-up failed for group (?<group>[\w./:-]{1,300}): (?<cause>[^\n]{1,600})/,
      'core/scaleup/orchestrator/executor.go',
    ],
    [
      /[Ff]ailed to (?:increase node group size|scale[ -]up(?: node group)?)[^\n]{0,120}?: (?<cause>[^\n]{1,600})/,
      'core/scaleup/orchestrator/executor.go',
    ],
    [
      /Node scale up in zones ?(?<zones>[\w, -]{0,200}?) associated with this pod failed: (?<cause>[^\n.]{1,250})/,
      'of GKE: gke-autoscaling cluster-autoscaler/pkg/events (FailedScaleUp)',
    ],
    [
      /Failed adding (?<count>\d+) nodes? (?:\(\d+ unseen previously\) )?(?:in|to) group (?<group>[\w./:-]{1,300}) due to (?<cause>[^\n;]{1,300})/,
      'clusterstate/clusterstate.go',
    ],
  ),
  'ca-scale-up-timed-out': says(
    'A node group grew and its nodes did not appear in time.',
    [
      /Nodes added to group (?<group>[\w./:-]{1,300}) failed to register within (?<time>[\w.]{1,20})/,
      'clusterstate/clusterstate.go',
    ],
    [/Scale-up timed out for node group (?<group>[\w./:-]{1,300})/, 'clusterstate/clusterstate.go'],
  ),
  'ca-scale-up-failing': signals(
    'The autoscaler could not grow a node group.',
    'FailedToScaleUpGroup',
    'ScaleUpTimedOut',
  ),
  'ca-scaled-up': says('The autoscaler set a node group to a larger size.', [
    /Scale-up: (?:setting )?group (?<group>[\w./:-]{1,300}) size (?:set )?to (?<size>\d+)(?: instead of (?<from>\d+))?/,
    'core/scaleup/orchestrator/executor.go',
  ]),
  'ca-scale-down': says(
    'The autoscaler removes a node that is not needed.',
    [
      /marked the node as toBeDeleted\/unschedulable|node removed by cluster autoscaler|Scale-down: (?:removing )?(?:empty )?node (?<node>[\w.-]{1,253})/,
      'core/scaledown/actuation/actuator.go',
    ],
    [
      /deleting pod for node scale down|pod evicted for node scale down|deleting pod from empty node/,
      'core/scaledown/actuation/drain.go',
    ],
  ),
  'ca-scale-down-signalled': signals('The autoscaler removes a node.', 'ScaleDown', 'ScaleDownEmpty'),
  'ca-scale-down-failed': signals('The autoscaler could not remove a node.', 'ScaleDownFailed'),
  'ca-unhealthy': says('So many nodes are not ready that the autoscaler stopped.', [
    /Cluster (?:is not ready for autoscaling|has no ready nodes)|Cluster is unhealthy/,
    'core/static_autoscaler.go',
  ]),
  'unregistered-node-removed': says('A machine started and never became a node, so the autoscaler removes it.', [
    /Remov(?:ing|ed) unregistered node (?<node>[\w./:-]{1,300})/,
    'core/static_autoscaler.go',
  ]),
} satisfies Record<string, Message>
