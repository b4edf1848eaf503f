import { type Message, speaker } from './message.ts'

const says = speaker('kube-scheduler')

/** What the scheduler says of a node that it cannot use, or of a pod that it placed; `unschedulable.ts` takes a whole message apart. */
export const scheduler = {
  'branch-eni-exhausted': says('No node has a free branch network interface for a pod with its own security group.', [
    /Insufficient vpc\.amazonaws\.com\/pod-eni/,
    'pkg/scheduler/framework/plugins/noderesources/fit.go',
  ]),
  'insufficient-resource': says(
    'Nodes have less of a resource unrequested than the pod requests.',
    [
      /(?<count>\d+) Insufficient (?!pods\b)(?<resource>[\w./-]*\w)/,
      'pkg/scheduler/framework/plugins/noderesources/fit.go',
    ],
    [
      /\bInsufficient (?<resource>[\w./-]*\w) \((?<count>\d+)\)/,
      'pkg/scheduler/core/generic_scheduler.go',
      { until: 'v1.9' },
    ],
  ),
  'too-many-pods': says(
    'Nodes run as many pods as they may.',
    [/(?<count>\d+) Too many pods/, 'pkg/scheduler/framework/plugins/noderesources/fit.go', { since: 'v1.19' }],
    [/(?<count>\d+) Insufficient pods/, 'pkg/scheduler/algorithm/predicates/error.go', { until: 'v1.18' }],
  ),
  'untolerated-taint': says(
    'Nodes have a taint that the pod does not tolerate; since v1.34 its key has to be looked up in the nodes.',
    [
      /(?<count>\d+) node\(s\) had untolerated taint \{(?<key>[^:}]{1,320}): (?<value>[^}]{0,70})\}/,
      'pkg/scheduler/framework/plugins/tainttoleration/taint_toleration.go',
      { since: 'v1.24', until: 'v1.34' },
    ],
    [
      /(?<count>\d+) node\(s\) had taint \{(?<key>[^:}]{1,320}): (?<value>[^}]{0,70})\}, that the pod didn't tolerate/,
      'pkg/scheduler/framework/plugins/tainttoleration/taint_toleration.go',
      { since: 'v1.18', until: 'v1.23' },
    ],
    [
      /(?<count>\d+) node\(s\) had untolerated taint\(s\)/,
      'pkg/scheduler/framework/plugins/tainttoleration/taint_toleration.go',
      { since: 'v1.34' },
    ],
    [
      /(?<count>\d+) node\(s\) had taints? that the pod didn't tolerate/,
      'pkg/scheduler/algorithm/predicates/error.go',
      { until: 'v1.17' },
    ],
  ),
  'unschedulable-node': says('Nodes are cordoned.', [
    /(?<count>\d+) node\(s\) were unschedulable/,
    'pkg/scheduler/framework/plugins/nodeunschedulable/node_unschedulable.go',
  ]),
  'node-under-pressure': says('Nodes lack disk, memory or process ids; today this is a taint.', [
    /(?<count>\d+) node\(s\) had (?<resource>disk|memory|pid) pressure/,
    'pkg/scheduler/algorithm/predicates/error.go',
    { until: 'v1.17' },
  ]),
  'node-not-ready-predicate': says('Nodes are not ready or have no network; today this is a taint.', [
    /(?<count>\d+) node\(s\) (?:were not ready|were out of disk space|had unavailable network|had unknown condition)/,
    'pkg/scheduler/algorithm/predicates/error.go',
    { until: 'v1.17' },
  ]),
  'node-affinity-mismatch': says(
    "Nodes lack the labels that the pod's selector or affinity demands.",
    [
      /(?<count>\d+) node\(s\) didn't match Pod's node affinity(?:\/selector)?/,
      'pkg/scheduler/framework/plugins/nodeaffinity/node_affinity.go',
      { since: 'v1.20' },
    ],
    [
      /(?<count>\d+) node\(s\) didn't match node selector/,
      'pkg/scheduler/algorithm/predicates/error.go',
      { until: 'v1.19' },
    ],
    [/\bMatchNodeSelector \((?<count>\d+)\)/, 'pkg/scheduler/core/generic_scheduler.go', { until: 'v1.8' }],
  ),
  'pod-affinity-mismatch': says('Nodes do not run the pods that this one must stand beside.', [
    /(?<count>\d+) node\(s\) didn't match pod affinity rules/,
    'pkg/scheduler/framework/plugins/interpodaffinity/filtering.go',
  ]),
  'pod-anti-affinity-mismatch': says(
    'Nodes run pods that this one must not stand beside, or that refuse this one.',
    [
      /(?<count>\d+) node\(s\) didn't (?:match pod|satisfy existing pods) anti-affinity rules/,
      'pkg/scheduler/framework/plugins/interpodaffinity/filtering.go',
    ],
    [
      /(?<count>\d+) node\(s\) didn't match pod affinity\/anti-affinity/,
      'pkg/scheduler/algorithm/predicates/error.go',
      { until: 'v1.20' },
    ],
  ),
  'missing-topology-label': says('Nodes lack the label that the pods are to be spread over.', [
    /(?<count>\d+) node\(s\) didn't match pod topology spread constraints \(missing required label\)/,
    'pkg/scheduler/framework/plugins/podtopologyspread/filtering.go',
  ]),
  'topology-spread-mismatch': says('The pod would make the spread over zones or nodes more uneven than it may be.', [
    /(?<count>\d+) node\(s\) didn't match pod topology spread constraints(?! \(missing)/,
    'pkg/scheduler/framework/plugins/podtopologyspread/filtering.go',
  ]),
  'host-port-conflict': says('Another pod uses the host port on every node that fits.', [
    /(?<count>\d+) node\(s\) didn't have free ports for the requested pod ports/,
    'pkg/scheduler/framework/plugins/nodeports/node_ports.go',
  ]),
  'volume-node-affinity-conflict': says(
    'The volume lives in a zone, or on a node, that these nodes are not.',
    [
      /(?<count>\d+) node\(s\) had volume node affinity conflict/,
      'pkg/scheduler/framework/plugins/volumebinding/volume_binding.go',
    ],
    [
      /(?<count>\d+) node\(s\) didn't match PersistentVolume's node affinity/,
      'pkg/scheduler/framework/plugins/volumebinding/binder.go',
      { since: 'v1.34' },
    ],
    [
      /(?<count>\d+) node\(s\) had no available volume zone/,
      'pkg/scheduler/framework/plugins/volumezone/volume_zone.go',
    ],
  ),
  'volume-limit-per-node': says('Nodes have attached as many volumes as they may.', [
    /(?<count>\d+) node\(s\) exceed max volume count/,
    'pkg/scheduler/framework/plugins/nodevolumelimits/csi.go',
  ]),
  'unbindable-volume-claim': says('No existing volume fits the claim on these nodes, and none can be made.', [
    /(?<count>\d+) node\(s\) didn't find available persistent volumes to bind/,
    'pkg/scheduler/framework/plugins/volumebinding/volume_binding.go',
  ]),
  'unbound-volume-claim': says(
    "The pod waits for a claim that is bound before the pod is placed, and it isn't bound.",
    [
      /pod has unbound (?:immediate )?PersistentVolumeClaims/,
      'pkg/scheduler/framework/plugins/volumebinding/volume_binding.go',
    ],
  ),
  'missing-volume-claim': says('The pod names a claim that does not exist.', [
    /persistentvolumeclaim "(?<name>[^"]{1,260})" not found/,
    'pkg/scheduler/framework/plugins/volumebinding/volume_binding.go',
  ]),
  'deleted-volume-claim': says('The pod names a claim that is being deleted.', [
    /persistentvolumeclaim "(?<name>[^"]{1,260})" is being deleted/,
    'pkg/scheduler/framework/plugins/volumebinding/volume_binding.go',
  ]),
  'missing-persistent-volume': says('The claim is bound to a volume that does not exist.', [
    /(?<count>\d+) node\(s\) unavailable due to one or more pvc\(s\) bound to non-existent pv\(s\)/,
    'pkg/scheduler/framework/plugins/volumebinding/volume_binding.go',
    { since: 'v1.22' },
  ]),
  'volume-in-use': says(
    'Another pod uses the volume in a way that excludes this one.',
    [
      /(?<count>\d+) node\(s\) had no available disk/,
      'pkg/scheduler/framework/plugins/volumerestrictions/volume_restrictions.go',
    ],
    [
      /node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode/,
      'pkg/scheduler/framework/plugins/volumerestrictions/volume_restrictions.go',
    ],
  ),
  'insufficient-storage-capacity': says('The storage of these nodes has no room for the new volume.', [
    /(?<count>\d+) node\(s\) did not have enough free storage/,
    'pkg/scheduler/framework/plugins/volumebinding/volume_binding.go',
  ]),
  'node-name-mismatch': says('The pod asks for a node by name that these are not.', [
    /(?<count>\d+) node\(s\) didn't match the requested (?:node name|hostname)/,
    'pkg/scheduler/framework/plugins/nodename/node_name.go',
  ]),
  'unallocatable-resource-claim': says('No device fits the resource claims of the pod on these nodes.', [
    /(?:(?<count>\d+) )?(?:cannot allocate all claims|resourceclaim not available on the node)/,
    'pkg/scheduler/framework/plugins/dynamicresources/dynamicresources.go',
  ]),
  'no-preemption-victims': says(
    'Evicting every pod of a lower priority would not make room: there are none, or they are too small.',
    [
      /(?<count>\d+) no (?:preemption )?victims found for incoming pods?/i,
      'pkg/scheduler/framework/preemption/preemption.go',
    ],
  ),
  'preemption-not-helpful': says('The node fails for another reason than room, so evicting pods would not help.', [
    /(?<count>\d+) Preemption is not helpful for scheduling/,
    'pkg/scheduler/framework/preemption/preemption.go',
  ]),
  'preemption-not-eligible': says('The pod may not evict others: its policy forbids it, or it already did and waits.', [
    /preemption: not eligible due to (?<cause>[^.]{1,120})/,
    'pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go',
  ]),
  'unschedulable-pod': says(
    'No node takes the pod; the reasons are counted by node.',
    [/(?<available>\d+)\/(?<nodes>\d+) nodes are available/, 'pkg/scheduler/framework/types.go'],
    [
      /No nodes are available that match all of the (?:following )?predicates/,
      'pkg/scheduler/core/generic_scheduler.go',
      { until: 'v1.9' },
    ],
  ),
  'no-nodes': says('The cluster has no node at all that takes pods.', [
    /no nodes available to schedule pods/,
    'pkg/scheduler/schedule_one.go',
  ]),
  'scheduling-gated': says('Someone has gated the pod; the scheduler does not look at it yet.', [
    /Scheduling is blocked due to non-empty scheduling gates/,
    'pkg/scheduler/framework/plugins/schedulinggates/scheduling_gates.go',
  ]),
  'volume-binding-timeout': says('The scheduler chose a node, and the volume for it was not made in time.', [
    /running PreBind plugin "VolumeBinding": (?:binding volumes: )?(?<cause>[^\n]{1,200})/,
    'pkg/scheduler/framework/plugins/volumebinding/volume_binding.go',
  ]),
  'preempted-by-higher-priority': says(
    'The scheduler evicted the pod to make room for one of a higher priority.',
    [
      /Preempted by (?:a )?pod (?:(?<pod>\S{1,320}) )?on node (?<node>[\w.-]*\w)/,
      'pkg/scheduler/framework/preemption/preemption.go',
      { since: 'v1.25' },
    ],
    [
      /Preempted by (?<pod>[\w.-]{1,253}\/[\w.-]{1,253}) on node (?<node>[\w.-]*\w)/,
      'pkg/scheduler/framework/preemption/preemption.go',
      { until: 'v1.24' },
    ],
    [
      /preempting to accommodate a higher priority pod/,
      'pkg/scheduler/framework/preemption/preemption.go',
      { since: 'v1.26' },
    ],
  ),
  scheduled: says('The scheduler gave the pod a node.', [
    /Successfully assigned (?:(?<namespace>[\w-]{1,63})\/)?(?<pod>[\w.-]{1,253}) to (?<node>[\w.-]*\w)/,
    'pkg/scheduler/schedule_one.go',
  ]),
} satisfies Record<string, Message>
