import { type Message, signaller, speaker } from './message.ts'

const says = speaker('kubelet')
const signals = signaller('kubelet', 'pkg/kubelet/kubelet_node_status.go')

/** What the kubelet says when a node runs out of something: of the node, of pods that it evicts, of images that it deletes. */
export const eviction = {
  'node-pressure-eviction': says(
    'The node ran out of a resource and the kubelet evicted this pod; who used most is another question.',
    [
      /The node was low on resource: (?<resource>[\w.-]*\w)\. Threshold quantity: (?<threshold>\S{1,40}), available: (?<available>[\w.]{0,40}\w)\./,
      'pkg/kubelet/eviction/helpers.go',
      { since: 'v1.26' },
    ],
    [/The node was low on resource: \[?(?<resource>[\w.-]*\w)\]?/, 'pkg/kubelet/eviction/helpers.go'],
    [/The node was low on compute resources/, 'pkg/kubelet/eviction/helpers.go', { until: 'v1.7' }],
  ),
  'evicted-container-usage': says('What a container of the evicted pod used, and what it had asked for.', [
    /Container (?<container>[\w.-]{1,253}) was using (?<usage>[\w.]{0,40}\w)\.?, (?:request is|which exceeds its request of) (?<request>[\w.]{0,40}\w)/,
    'pkg/kubelet/eviction/helpers.go',
  ]),
  'ephemeral-limit-exceeded': says(
    'The pod wrote more to its layers, logs and scratch volumes than its limit.',
    [
      /Container (?<container>[\w.-]{1,253}) exceeded its local ephemeral storage limit "(?<limit>[^"]{1,40})"/,
      'pkg/kubelet/eviction/helpers.go',
    ],
    [
      /Pod ephemeral local storage usage exceeds the total limit of containers (?<limit>[\w.]{0,40}\w)/,
      'pkg/kubelet/eviction/helpers.go',
    ],
    [
      /pod ephemeral local storage usage exceeds the total limit of containers \{\{?(?<limit>[^}]{1,80})\}/,
      'pkg/kubelet/eviction/eviction_manager.go',
      { until: 'v1.12' },
    ],
  ),
  'emptydir-limit': says('The pod wrote more to a scratch volume than its limit.', [
    /Usage of EmptyDir volume "(?<volume>[^"]{1,253})" exceeds the limit "(?<limit>[^"]{1,40})"/,
    'pkg/kubelet/eviction/helpers.go',
  ]),
  'eviction-threshold-met': says(
    'The node passed a threshold; the kubelet deletes images and dead containers, then evicts pods.',
    [
      /Attempting to reclaim (?<resource>memory|ephemeral-storage|inodes|pids|storage)/,
      'pkg/kubelet/eviction/eviction_manager.go',
    ],
  ),
  'disk-pressure': speaker('kubelet', ['NodeHasDiskPressure', 'KubeletHasDiskPressure'])(
    'The node is short of disk; it takes no new pods.',
    [/kubelet has disk pressure/, 'pkg/kubelet/nodestatus/setters.go'],
    [/status is now: NodeHasDiskPressure/, 'pkg/kubelet/kubelet_node_status.go'],
  ),
  'memory-pressure': speaker('kubelet', ['NodeHasInsufficientMemory', 'KubeletHasInsufficientMemory'])(
    'The node is short of memory; it takes no pod without requests.',
    [/kubelet has insufficient memory available/, 'pkg/kubelet/nodestatus/setters.go'],
    [/status is now: NodeHasInsufficientMemory/, 'pkg/kubelet/kubelet_node_status.go'],
  ),
  'pid-pressure': speaker('kubelet', ['NodeHasInsufficientPID', 'KubeletHasInsufficientPID'])(
    'The node is short of process ids; it takes no new pods.',
    [/kubelet has insufficient PID available/, 'pkg/kubelet/nodestatus/setters.go'],
    [/status is now: NodeHasInsufficientPID/, 'pkg/kubelet/kubelet_node_status.go'],
  ),
  'pressure-over': signals(
    'The node is no longer short of what it was.',
    'NodeHasNoDiskPressure',
    'NodeHasSufficientMemory',
    'NodeHasSufficientPID',
  ),
  'system-oom': says('The kernel ran out of memory outside of any container and killed a process.', [
    /System OOM encountered, victim process: (?<process>[^,]{0,100}), pid: (?<pid>\d+)/,
    'pkg/kubelet/oom/oom_watcher_linux.go',
  ]),
  'image-gc-failed': says(
    'The kubelet could not delete enough images to get below its threshold: what fills the disk is something else, or in use.',
    [
      /[Ff]ailed to garbage collect required amount of images\. (?:Wanted to free|Attempted to free) (?<wanted>\d+)(?: bytes)?, but (?:only found|freed|only freed) (?<freed>\d+)/,
      'pkg/kubelet/images/image_gc_manager.go',
    ],
    [/[Ff]ailed to garbage collect required amount of images/, 'pkg/kubelet/images/image_gc_manager.go'],
  ),
  'image-disk-full': says('The disk of the images is past its threshold and the kubelet found nothing to delete.', [
    /Insufficient free disk space on the node's image filesystem \((?<used>[\d.]{1,8})% of (?<capacity>[^)]{1,30}) used\)/,
    'pkg/kubelet/images/image_gc_manager.go',
    { since: 'v1.31' },
  ]),
  'image-disk-unmeasured': says(
    'The kubelet could not measure the disk that its images are on; once after a start this is harmless.',
    [/invalid capacity 0 on image filesystem/, 'pkg/kubelet/images/image_gc_manager.go'],
    [/unable to find data in memory cache/, 'cadvisor cache/memory/memory.go'],
  ),
  'container-gc-failed': signaller('kubelet', 'pkg/kubelet/kubelet.go')(
    'The kubelet could not delete dead containers.',
    'ContainerGCFailed',
  ),
  'unreclaimable-disk': says('The kubelet evicted what it could and the node is still past its threshold.', [
    /unable to evict any pods from the node|eviction manager: must evict pod\(s\) to reclaim/,
    'pkg/kubelet/eviction/eviction_manager.go',
  ]),
  'kubelet-ended-pod': says('The pod was ended by the kubelet, which writes why into its status.', [
    /The pod was (?:evicted|terminated) by (?:the )?kubelet/,
    'pkg/kubelet/status/status_manager.go',
  ]),
} satisfies Record<string, Message>
