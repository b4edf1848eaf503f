import { type Message, signaller, speaker } from './message.ts'

const says = speaker('kubelet')
const controller = speaker('kube-controller-manager')
const signals = signaller('kube-controller-manager', 'pkg/controller/nodelifecycle/node_lifecycle_controller.go')

/** What is said of the life of a node: by the kubelet in its conditions, and by those who watch it. */
export const nodeLifecycle = {
  'node-silent': controller(
    'The kubelet stopped telling that it lives: the node, its network or its kubelet is gone.',
    [
      /Kubelet (?<silence>stopped posting|never posted) node status/,
      'pkg/controller/nodelifecycle/node_lifecycle_controller.go',
    ],
  ),
  'pleg-unhealthy': says(
    'The kubelet cannot list its containers in time: the runtime hangs, or disk or processor are exhausted.',
    [
      /PLEG is not healthy: pleg was last seen active (?<age>[\d.hmsµ]{2,20}) ago; threshold is (?<threshold>[\d.hms]{2,12})/,
      'pkg/kubelet/pleg/generic.go',
    ],
    [/PLEG is not healthy/, 'pkg/kubelet/pleg/generic.go'],
  ),
  'container-runtime-down': says(
    'The container runtime does not answer the kubelet.',
    [/container runtime is down/, 'pkg/kubelet/runtime.go'],
    [/container runtime status check may not have completed yet/, 'pkg/kubelet/runtime.go'],
    [
      /(?:containerd|crio|dockershim|cri-dockerd)\.sock[:"\\]{0,6} connect: (?<cause>connection refused|no such file or directory)/,
      'pkg/kubelet/cri/remote',
    ],
  ),
  'network-plugin-not-ready': says(
    'No network plugin has set itself up on the node, so the node is not ready.',
    [
      /(?:NetworkReady=false reason:\s?NetworkPluginNotReady|NetworkPluginNotReady) message:\s?(?<cause>[^\n]{1,200})/,
      'pkg/kubelet/runtime.go',
    ],
    [/cni plugin not initialized|cni config uninitialized/, 'containerd internal/cri/server/status.go'],
    [/network is not ready: container runtime network not ready/, 'pkg/kubelet/kubelet.go'],
  ),
  'node-shutting-down': says('The node is shutting down.', [
    /node is shutting down/,
    'pkg/kubelet/nodeshutdown/nodeshutdown_manager_linux.go',
  ]),
  'csi-node-not-initialized': says('The node does not know its storage drivers yet.', [
    /CSINode is not yet initialized/,
    'pkg/kubelet/kubelet.go',
  ]),
  'missing-node-capacity': says('The node does not know its own size yet.', [
    /missing node capacity for resources: (?<resources>[\w, ./-]{1,200}\w)/,
    'pkg/kubelet/nodestatus/setters.go',
  ]),
  'node-rebooted': says('The node was rebooted.', [
    /Node (?<node>[\w.-]{1,253}) has been rebooted, boot id: (?<boot>[\w-]{1,60})/,
    'pkg/kubelet/kubelet_node_status.go',
  ]),
  'node-not-ready': controller(
    'A node is no longer ready; the pods on it are told.',
    [/Node is not ready/, 'pkg/controller/util/node/controller_utils.go'],
    [/status is now: NodeNotReady/, 'pkg/kubelet/kubelet_node_status.go'],
  ),
  'node-ready': signaller('kubelet', 'pkg/kubelet/kubelet_node_status.go')(
    'A node is ready.',
    'NodeReady',
    'KubeletReady',
  ),
  'node-cordoned': signaller('kubelet', 'pkg/kubelet/kubelet_node_status.go')(
    'A node takes no new pods.',
    'NodeNotSchedulable',
  ),
  'node-uncordoned': signaller('kubelet', 'pkg/kubelet/kubelet_node_status.go')(
    'A node takes pods again.',
    'NodeSchedulable',
  ),
  'node-registered': signals('The cluster has a new node.', 'RegisteredNode'),
  'node-removed': controller('A node was deleted from the cluster.', [
    /Removing Node (?<node>[\w.-]{1,253}) from Controller/,
    'pkg/controller/nodelifecycle/node_lifecycle_controller.go',
  ]),
  'node-instance-gone': controller(
    'The cloud says that the machine of a node does not exist, so the node is deleted.',
    [
      /Deleting node (?<node>[\w.-]{1,253}) because it does not exist in the cloud provider/,
      'staging/src/k8s.io/cloud-provider/controllers/nodelifecycle/node_lifecycle_controller.go',
    ],
  ),
  'taint-eviction': controller(
    'A pod is deleted because its node has a taint that it no longer tolerates.',
    [/Marking for deletion Pod (?<pod>[\w./-]*\w)/, 'pkg/controller/tainteviction/taint_eviction.go'],
    [
      /Taint manager: deleting due to NoExecute taint/,
      'pkg/controller/tainteviction/taint_eviction.go',
      { since: 'v1.26' },
    ],
  ),
  'taint-eviction-cancelled': controller('The taint went away in time; the pod stays.', [
    /Cancelling deletion of Pod (?<pod>[\w./-]*\w)/,
    'pkg/controller/tainteviction/taint_eviction.go',
  ]),
  'eviction-by-api': controller('Someone evicted the pod: a drain, an autoscaler or a controller.', [
    /Eviction API: evicting/,
    'pkg/registry/core/pod/storage/eviction.go',
    { since: 'v1.26' },
  ]),
  'pod-node-lost': controller(
    'The node of the pod is gone, so nobody can say whether it runs.',
    [
      /which was running pod (?<pod>[\w.-]{1,253}) is unresponsive/,
      'pkg/controller/nodelifecycle/node_lifecycle_controller.go',
    ],
    [/PodGC: node no longer exists/, 'pkg/controller/podgc/gc_controller.go', { since: 'v1.26' }],
    [/PodGC: node out-of-service/, 'pkg/controller/podgc/gc_controller.go', { since: 'v1.26' }],
  ),
  'zone-disrupted': controller('So many nodes of a zone are not ready that evictions are slowed or stopped.', [
    /Controller detected that (?:zone "?(?<zone>[^\s"]{1,100})"? is now in state (?<state>\w{1,40})|all Nodes are not-Ready)/,
    'pkg/controller/nodelifecycle/node_lifecycle_controller.go',
  ]),
  'pod-cidr-exhausted': controller('No range of addresses for pods is left for a new node.', [
    /CIDRNotAvailable|CIDRAssignmentFailed|CIDR allocation failed; there are no remaining CIDRs left to allocate/,
    'pkg/controller/nodeipam/ipam/range_allocator.go',
  ]),
} satisfies Record<string, Message>
