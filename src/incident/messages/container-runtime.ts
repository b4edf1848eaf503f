import { type Message, speaker } from './message.ts'

const runc = speaker('runc')
const says = speaker('containerd')

/** What the container runtime says when a container or its sandbox does not start; networks are in `vpc-cni.ts` and `cni.ts`. */
export const containerRuntime = {
  'wrong-architecture': runc('The program is for another kind of processor, or is no program.', [
    /(?:exec (?<command>\/[^\s:]{1,300}): )?exec format error/,
    'libcontainer/standard_init_linux.go',
  ]),
  'missing-executable': runc(
    'The command of the container does not exist in its image.',
    [
      /exec: "(?<command>[^"]{1,300})": (?:executable file not found in \$PATH|stat [^\s:]{1,300}: no such file or directory)/,
      'libcontainer/standard_init_linux.go',
    ],
    [/executable file `(?<command>[^`]{1,300})` not found in \$PATH/, 'crun src/libcrun/container.c'],
    [/exec:? "?(?<command>[^\s":]{1,300})"?: no such file or directory/, 'libcontainer/standard_init_linux.go'],
    [/[Nn]o command specified/, 'of containerd and docker: internal/cri/server/container_create.go'],
  ),
  'executable-not-permitted': runc(
    'The command of the container exists and may not be run.',
    [/exec: "(?<command>[^"]{1,300})": permission denied/, 'libcontainer/standard_init_linux.go'],
    [/exec (?<command>[^\s":]{1,300}): permission denied/, 'libcontainer/standard_init_linux.go'],
  ),
  'missing-working-directory': runc('The directory that the container is to start in cannot be entered.', [
    /(?:chdir to cwd \("(?<directory>[^"]{1,300})"\) set in config\.json failed|mkdir (?<made>\S{1,300}): not a directory)/,
    'libcontainer/standard_init_linux.go',
  ]),
  'missing-user': runc('The user of the container does not exist in its image.', [
    /unable to find user (?<user>[^\s:]{1,100}): (?:no matching entries in passwd file|invalid argument)/,
    'libcontainer/user/user.go',
  ]),
  'mount-into-container-failed': runc(
    'A path of the container cannot be mounted: a file where a directory should be, or a file system that is read only.',
    [
      /path "?(?<source>[^\s"]{1,400})"? is mounted on "?(?<target>[^\s"]{1,300})"? but it is not a shared(?: or slave)? mount/,
      'containerd pkg/oci/spec_opts.go',
    ],
    [/error mounting "(?<source>[^"]{1,400})" to rootfs at "(?<target>[^"]{1,300})"/, 'libcontainer/rootfs_linux.go'],
  ),
  'security-profile-missing': says(
    'The node does not have the seccomp or AppArmor profile that the container is to run with.',
    [
      /cannot load seccomp profile "(?<profile>[^"]{1,400})"/,
      'containerd internal/cri/server/container_create_linux.go, contrib/seccomp',
    ],
    [/apparmor profile not found "?(?<name>[^\s"]{1,253})/, 'containerd internal/cri/server/container_create_linux.go'],
    [/Cannot enforce AppArmor: (?<cause>[^\n]{1,300})/, 'pkg/security/apparmor/validate.go'],
    [/unable to apply apparmor profile: (?<cause>[^\n]{1,200})/, 'opencontainers/runc libcontainer/apparmor'],
    [/exec: "apparmor_parser": executable file not found/, 'containerd contrib/apparmor'],
    [/unable to load local profile "(?<file>[^"]{1,400})"/, 'cri-o internal/config/seccomp/seccomp.go'],
  ),
  'kernel-parameter-refused': runc(
    'A kernel parameter that the pod sets is not there on its node, or may not be set.',
    [
      /(?:container init[^\n]{0,100}?: |crun: )open `?\/proc\/sys\/(?<file>[\w./-]{1,200})`?: (?<cause>[Nn]o such file or directory|[Pp]ermission denied|[Rr]ead-only file system)/,
      'libcontainer/standard_init_linux.go, crun src/libcrun/linux.c',
    ],
  ),
  'gpu-hook-failed': speaker('nvidia-container-toolkit')(
    'The driver of the graphics card is missing on the node or does not answer, so that its containers are not made.',
    [/nvidia-container-cli: (?<cause>[^\n]{1,200})/, 'cmd/nvidia-container-runtime-hook'],
    [/unresolvable CDI devices (?<devices>[^\n]{1,200})/, 'container-device-interface pkg/cdi'],
  ),
  'container-memory-too-small': runc('The container was killed for want of memory before its program began.', [
    /container init was OOM-killed \(memory limit too low\?\)|OOM-killed \(memory limit too low/,
    'libcontainer/process_linux.go',
  ]),
  'cgroup-failed': runc('The limits of the container could not be set.', [
    /unable to apply cgroup configuration: (?<cause>[^\n]{1,200})/,
    'libcontainer/process_linux.go',
  ]),
  'container-name-in-use': says(
    'A container that should be gone still has the name.',
    [/failed to reserve container name "(?<name>[^"]{1,300})"/, 'internal/cri/server/container_create.go'],
    [/container name "(?<name>[^"]{1,300})" is already in use by/, 'cri-o internal/storage'],
  ),
  'container-create-deadline': says(
    'The runtime did not make or start the container in time: disk or runtime are too slow.',
    [
      /(?:CreateContainerError|RunContainerError|failed to (?:create|reserve|start) container)[^\n]{0,200}?context deadline exceeded/,
      'internal/cri/server/container_create.go',
    ],
  ),
  'sandbox-runtime-unknown': says('The RuntimeClass of the pod names something that this node does not have.', [
    /no runtime for "(?<runtime>[^"]{1,100})" is configured/,
    'internal/cri/server/sandbox_run.go',
  ]),
  'missing-runtime-class': speaker('kube-apiserver')('The pod names a RuntimeClass that does not exist.', [
    /[Rr]untime[Cc]lass(?:es)?(?:\.node\.k8s\.io)? "(?<name>[^"]{1,253})" not found/,
    'plugin/pkg/admission/runtimeclass/admission.go',
  ]),
  'sandbox-image-missing': says(
    'The image that holds a pod together cannot be pulled, so no new pod starts on the node.',
    [
      /failed to (?:get|pull) sandbox image "?(?<image>[^\s":]{1,300}(?::[\w.-]{1,128})?)/,
      'internal/cri/server/sandbox_run.go',
    ],
  ),
  'oci-runtime-failed': runc(
    'The container could not be made or started; what went wrong stands at the end.',
    [/OCI runtime (?:create|exec|start) failed: (?<cause>[^\n]{1,600})/, 'main'],
    [/failed to create containerd task: (?<cause>[^\n]{1,600})/, 'containerd internal/cri/server/container_start.go'],
    [/failed to create shim task: (?<cause>[^\n]{1,600})/, 'containerd core/runtime/v2'],
  ),
  'sandbox-creation-failed': speaker('kubelet')(
    'The sandbox of a pod, that is its network and namespaces, was not made.',
    [/[Ff]ailed to create pod sandbox: (?<cause>[^\n]{1,600})/, 'pkg/kubelet/kuberuntime/kuberuntime_manager.go'],
    [
      /[Ff]ailed create pod sandbox(?:[:.] ?(?<cause>[^\n]{1,600}))?/,
      'pkg/kubelet/kuberuntime/kuberuntime_manager.go',
      { until: 'v1.15' },
    ],
  ),
  'sandbox-name-reserved': says('An earlier attempt to make the sandbox still runs; the runtime is slow or hangs.', [
    /failed to reserve sandbox name "(?<name>[^"]{1,600})"/,
    'internal/cri/server/sandbox_run.go',
  ]),
  'container-stop-failed': says(
    'The runtime could not kill a container: its process hangs in the kernel, or its keeper died.',
    [
      /(?:failed to kill container|an error occurs during waiting for container) "?(?<id>\w{1,80})"?/,
      'internal/cri/server/container_stop.go',
    ],
  ),
  'unexpected-container-end': speaker('kubelet', ['ContainerStatusUnknown', 'ContainerCannotRun'])(
    'The kubelet does not know how the container ended.',
    [/The container could not be located when the pod was (?:deleted|terminated)/, 'pkg/kubelet/kubelet_pods.go'],
  ),
} satisfies Record<string, Message>
