import { ANY_WORDS, type Message, signaller, speaker } from './message.ts'

const says = speaker('kubelet')
const signals = signaller('kubelet', 'pkg/kubelet/kuberuntime/kuberuntime_container.go')

/** What the kubelet says of starting and stopping containers, of pods that it refuses, and in its own log. */
export const kubelet = {
  'crash-loop': says(
    'A container ended again and again; the kubelet waits longer before each restart.',
    [
      /[Bb]ack-off (?<delay>[\dhms.]{2,12}) restarting failed container=(?<container>[\w.-]{1,253}) pod=(?<pod>[^\s"(]{1,320})/,
      'pkg/kubelet/kuberuntime/kuberuntime_manager.go',
    ],
    [
      /Back-off restarting failed container (?<container>[\w.-]{1,253}) in pod (?<pod>[^\s(]{1,320})/,
      'pkg/kubelet/kuberuntime/kuberuntime_manager.go',
      { since: 'v1.26' },
    ],
    [
      /Back-off restarting failed (?:docker )?container/,
      'pkg/kubelet/kuberuntime/kuberuntime_manager.go',
      { until: 'v1.25' },
    ],
  ),
  'missing-config-map': says('The pod names a ConfigMap that does not exist.', [
    /configmaps? "(?<name>[^"]{1,260})" not found/,
    'pkg/kubelet/kubelet_pods.go',
  ]),
  'missing-secret': says('The pod names a Secret that does not exist.', [
    /secrets? "(?<name>[^"]{1,260})" not found/,
    'pkg/kubelet/kubelet_pods.go',
  ]),
  'missing-config-key': says(
    'The ConfigMap or Secret exists and lacks the key that the pod names.',
    [
      /couldn't find key (?<key>\S{1,253}) in (?<kind>ConfigMap|Secret) (?<namespace>[\w-]{1,63})\/(?<name>[\w.-]*\w)/,
      'pkg/kubelet/kubelet_pods.go',
    ],
    [/references non-existent (?:config|secret) key: (?<key>[\w./-]*\w)/, 'pkg/volume/configmap/configmap.go'],
  ),
  'invalid-environment-names': says(
    'Keys of a ConfigMap or Secret are no names of variables, so the container runs without them.',
    [
      /Keys \[(?<keys>[^\]]{1,2000})\] from the EnvFrom (?<kind>configMap|secret) (?<name>\S{1,320}) were skipped/,
      'pkg/kubelet/kubelet_pods.go',
    ],
  ),
  'missing-service-account': says('The pod names a service account that does not exist.', [
    /serviceaccounts? "(?<name>[^"]{1,260})" not found/,
    'plugin/pkg/admission/serviceaccount/admission.go',
  ]),
  'root-user-refused': says(
    'The pod may not run as root, and the image or its settings would.',
    [/container has runAsNonRoot and image will run as root/, 'pkg/kubelet/kuberuntime/security_context.go'],
    [/container's runAsUser breaks non-root policy/, 'pkg/kubelet/kuberuntime/security_context.go'],
    [
      /container has runAsNonRoot and image has non-numeric user \((?<user>[^)]{1,100})\), cannot verify user is non-root/,
      'pkg/kubelet/kuberuntime/security_context.go',
    ],
  ),
  'post-start-hook-failed': speaker('kubelet', ['FailedPostStartHook'])(
    'The hook after the start failed, so the kubelet kills the container.',
    [/PostStartHook failed/, 'pkg/kubelet/kuberuntime/kuberuntime_container.go', { since: 'v1.26' }],
    [ANY_WORDS, 'pkg/kubelet/events/event.go'],
  ),
  'pre-stop-hook-failed': speaker('kubelet', ['FailedPreStopHook'])(
    'The hook before the stop failed; the container is stopped without it.',
    [/PreStopHook failed/, 'pkg/kubelet/kuberuntime/kuberuntime_container.go', { since: 'v1.26' }],
    [ANY_WORDS, 'pkg/kubelet/events/event.go'],
  ),
  'lifecycle-hook-failed': says('A hook of a container failed; the reason of the event says which.', [
    /(?<kind>Exec|HTTP|Http) lifecycle hook \((?<hook>[^)]{0,300})\) for Container "(?<container>[^"]{1,253})" in Pod "(?<pod>[^"]{1,320})" failed/,
    'pkg/kubelet/lifecycle/handlers.go',
    { until: 'v1.25' },
  ]),
  'grace-period-exceeded': says('The container did not stop in the time that it was given.', [
    /Container runtime did not kill the pod within specified grace period/,
    'pkg/kubelet/pod_workers.go',
  ]),
  'pod-kill-failed': says('The kubelet could not stop a pod; it tries again.', [
    /error killing pod: (?<cause>[^\n]{1,400})/,
    'pkg/kubelet/pod_workers.go',
  ]),
  'liveness-kill': says(
    'The kubelet restarts a container because its probe failed too often.',
    [
      /Container (?<container>[\w.-]{1,253}) failed (?<probe>liveness|startup) probe, will be (?:killed and recreated|restarted)/,
      'pkg/kubelet/kuberuntime/kuberuntime_manager.go',
    ],
    [
      /Killing container with id \S{1,120}:.{0,40}?[Cc]ontainer (?:"[^"]{1,200}" )?is unhealthy/,
      'pkg/kubelet/dockertools/docker_manager.go',
      { until: 'v1.10' },
    ],
  ),
  'definition-changed-kill': says('The kubelet restarts a container because its definition changed.', [
    /Container (?<container>[\w.-]{1,253}) (?:spec hash|definition) changed/,
    'pkg/kubelet/kuberuntime/kuberuntime_manager.go',
  ]),
  'container-stopped': says(
    'The kubelet stops a container because its pod is deleted, moved or evicted.',
    [/Stopping container (?<container>[\w.-]{1,253})/, 'pkg/kubelet/kuberuntime/kuberuntime_container.go'],
    [
      /Killing container with id (?<id>[^\s:]{1,120}:\/\/[^\s:]{1,120}):\s?Need to kill Pod/,
      'pkg/kubelet/kuberuntime/kuberuntime_container.go',
      { until: 'v1.12' },
    ],
  ),
  'pod-sandbox-changed': says("The pod's network namespace died, so all its containers start anew.", [
    /Pod sandbox changed, it will be killed and re-created/,
    'pkg/kubelet/kuberuntime/kuberuntime_manager.go',
  ]),
  'missing-pull-secret': says(
    'A secret that images are pulled with does not exist; a private image will not be pulled.',
    [
      /Unable to retrieve some image pull secrets \((?<names>[^)]{1,600})\)/,
      'pkg/kubelet/kubelet_pods.go',
      { since: 'v1.24' },
    ],
  ),
  'kubelet-admission-reject': says(
    'The kubelet refused the pod: when it came, the node had less left than the scheduler believed.',
    [
      /Node didn't have enough resource: (?<resource>[\w./-]{1,253}), requested: (?<requested>\d+), used: (?<used>\d+), capacity: (?<capacity>\d+)/,
      'pkg/kubelet/lifecycle/predicate.go',
    ],
    [
      /Node didn't have enough capacity: (?<resource>[\w./-]{1,253}), requested: (?<requested>\d+), capacity: (?<capacity>\d+)/,
      'pkg/kubelet/lifecycle/predicate.go',
    ],
  ),
  'node-affinity-reject': says('The kubelet refused the pod: the labels of the node no longer match.', [
    /Pod was rejected: Predicate (?:NodeAffinity|MatchNodeSelector) failed/,
    'pkg/kubelet/lifecycle/predicate.go',
  ]),
  'kubelet-predicate-failed': says(
    'The kubelet refused the pod: the node does not have what the pod selects, or a port is taken.',
    [/Predicate (?<predicate>\w{1,60}) failed/, 'pkg/kubelet/lifecycle/predicate.go'],
  ),
  'device-allocation-failed': says('The kubelet refused the pod: its devices are taken or unhealthy.', [
    /Allocate failed due to (?<cause>[^\n]{1,300}?), which is unexpected/,
    'pkg/kubelet/cm/devicemanager/manager.go',
  ]),
  'pressure-reject': says('The kubelet refused the pod because the node is under pressure.', [
    /The node had condition: \[(?<conditions>[\w ]{1,120})\]/,
    'pkg/kubelet/eviction/eviction_manager.go',
  ]),
  'topology-affinity-reject': says(
    'The kubelet refused the pod: its processors, memory and devices do not lie together.',
    [/Resources cannot be allocated with Topology locality/, 'pkg/kubelet/cm/topologymanager/topology_manager.go'],
  ),
  'forbidden-sysctl': says('The pod sets a kernel parameter that the kubelet does not allow.', [
    /forbidden sysctl: "(?<sysctl>[^"]{1,200})"/,
    'pkg/kubelet/sysctl/allowlist.go',
  ]),
  'shutdown-reject': says('The kubelet refused the pod because its node is shutting down.', [
    /Pod was rejected as the node is shutting down/,
    'pkg/kubelet/nodeshutdown/nodeshutdown_manager_linux.go',
  ]),
  'pod-rejected': says('The kubelet refused the pod, which stays as failed.', [
    /Pod was rejected: (?<cause>[^\n]{1,300})/,
    'pkg/kubelet/kubelet.go',
    { since: 'v1.23' },
  ]),
  'pod-ended-by-shutdown': says('The kubelet ended the pod because its node was shutting down.', [
    /Pod was terminated in response to imminent node shutdown/,
    'pkg/kubelet/nodeshutdown/nodeshutdown_manager_linux.go',
  ]),
  'pod-deadline-exceeded': says('The pod ran longer than its active deadline.', [
    /Pod was active on the node longer than the specified deadline/,
    'pkg/kubelet/active_deadline.go',
  ]),
  'pod-not-exiting': says('A pod does not end because containers of it do not exit.', [
    /Pod still has one or more containers in the non-exited state and will not be removed from desired state/,
    'pkg/kubelet/kubelet.go',
  ]),
  'process-ids-exhausted': says(
    'The node, or a container, has no process ids left, or no memory for one more.',
    [/fork\/exec (?<path>[^\s:]{1,300}): resource temporarily unavailable/, 'Go src/os/exec'],
    [/failed to create new OS thread \(have (?<threads>\d+) already; errno=11\)/, 'Go src/runtime/os_linux.go'],
    [/pthread_create failed: Resource temporarily unavailable/, 'Go src/runtime/cgo'],
    [/fork: (?:retry: )?Resource temporarily unavailable/, 'bash jobs.c'],
  ),
  'open-files-exhausted': says('No more files can be opened: the limit of the process or of the node is reached.', [
    /too many open files/i,
    'errno EMFILE and ENFILE',
  ]),
  'inotify-exhausted': says(
    'The node has no inotify watches or instances left; following logs and noticing files stops.',
    [/failed to create fsnotify watcher: (?<cause>[\w ]{1,80})/, 'pkg/kubelet/kuberuntime/logs/logs.go'],
    [/inotify_add_watch \S{0,300}: no space left on device/, 'cadvisor manager/manager.go'],
    [
      /inotify watch limit reached|inotify instances? limit|ENOSPC: System limit for number of file watchers reached|inotify[^\n]{0,300}?(?:no space left on device|ENOSPC)|(?:no space left on device|ENOSPC)[^\n]{0,300}?(?:inotify|file watchers)/i,
      'errno ENOSPC of inotify_add_watch(2)',
    ],
  ),
  'slow-disk-usage': says('The kubelet needed long to count the files of containers: the disk is slow.', [
    /fs: disk usage and inodes count on following dirs took (?<duration>[\d.hmsµ]{2,20})/,
    'cadvisor container/common/fsHandler.go',
  ]),
  'node-registration-failed': says(
    'The kubelet could not make its node object; an unauthorized one has a role that the cluster does not know.',
    [/[Uu]nable to register node(?: "(?<node>[^"]{0,253})")?/, 'pkg/kubelet/kubelet_node_status.go'],
  ),
  'node-object-missing': says('The kubelet does not find its own node: it never registered, or someone deleted it.', [
    /nodes? "(?<node>[^"]{0,253})" not found/,
    'pkg/kubelet/kubelet_node_status.go',
  ]),
  'node-status-not-updated': says('The kubelet could not tell the API server that it lives.', [
    /[Ee]rror updating node status, will retry|[Uu]nable to update node status.{0,40}exceeds retry count/,
    'pkg/kubelet/kubelet_node_status.go',
  ]),
  'lease-not-renewed': says('The kubelet could not renew its lease; after forty seconds its node counts as unknown.', [
    /[Ff]ailed to (?:update|ensure) (?:node )?lease/,
    'staging/src/k8s.io/component-helpers/apimachinery/lease/controller.go',
  ]),
  'pod-sync-failed': says('The kubelet could not bring a pod to its wanted state; the error follows.', [
    /Error syncing pod, skipping/,
    'pkg/kubelet/pod_workers.go',
  ]),
  'pod-sync-skipped': says('The kubelet does nothing for pods until its runtime is well.', [
    /[Ss]kipping pod synchronization/,
    'pkg/kubelet/kubelet.go',
  ]),
  'static-pod-failed': says('A manifest on the node is no valid pod.', [
    /[Cc]ould not process manifest file|[Cc]an't process manifest file/,
    'pkg/kubelet/config/file.go',
  ]),
  'container-oomkilled': signals('A container reached its memory limit and a process of it was killed.', 'OOMKilled'),
  'container-configuration-failed': signals(
    'A container was not made because something that it names is missing or wrong.',
    'CreateContainerConfigError',
  ),
  'container-creation-failed': signals(
    'The container runtime could not make a container.',
    'CreateContainerError',
    'CreateContainerFailed',
  ),
  'container-start-failed': signals(
    'The container runtime could not start a container.',
    'RunContainerError',
    'StartError',
    'ContainerCannotRun',
  ),
  'out-of-resource-reject': signals('The kubelet refused the pod: the node had no room for it.', 'OutOf*'),
  'pod-evicted': signals('The pod was evicted; its message says by whom and why.', 'Evicted'),
  'container-created': says('A container was made.', [
    /Created container:? (?<container>[\w.-]*\w)/,
    'pkg/kubelet/kuberuntime/kuberuntime_container.go',
  ]),
  'container-started': says('A container was started.', [
    /Started container (?<container>[\w.-]*\w)/,
    'pkg/kubelet/kuberuntime/kuberuntime_container.go',
  ]),
  'kubelet-started': says('The kubelet started, or was restarted.', [
    /Starting kubelet\./,
    'cmd/kubelet/app/server.go',
  ]),
} satisfies Record<string, Message>
