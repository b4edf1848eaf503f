import { type Message, signaller, speaker } from './message.ts'

const says = speaker('kubelet')
const attaches = speaker('attach-detach controller')
const binds = speaker('persistent volume controller')
const provisions = speaker('external-provisioner')
const resizes = speaker('external-resizer')
const ebs = speaker('aws-ebs-csi-driver')

/** What is said of volumes: made, attached, mounted, grown. */
export const volume = {
  'multi-attach': attaches(
    'The volume is attached to one node and a pod on another wants it.',
    [
      /Multi-Attach error for volume "(?<volume>[^"]{1,300})" Volume is already used by pod\(s\) (?<pods>[\w., -]{1,600}\w)/,
      'pkg/controller/volume/attachdetach/reconciler/reconciler.go',
    ],
    [
      /Multi-Attach error for volume "(?<volume>[^"]{1,300})"(?: \(UniqueName: "[^"]{1,600}"\) from node "[^"]{1,253}")? Volume is already exclusively attached to one node/,
      'pkg/controller/volume/attachdetach/reconciler/reconciler.go',
    ],
    [
      /Multi-Attach error for volume "(?<volume>[^"]{1,300})"/,
      'pkg/controller/volume/attachdetach/reconciler/reconciler.go',
    ],
  ),
  'csi-driver-not-registered': says(
    'The storage driver has not announced itself on the node: it does not run there, or not yet.',
    [
      /driver name (?<driver>[\w.-]{1,253}) not found in the list of registered CSI drivers/,
      'pkg/volume/csi/csi_drivers_store.go',
    ],
    [/CSINode (?<node>[\w.-]{1,253}) does not contain driver (?<driver>[\w.-]*\w)/, 'pkg/volume/csi/csi_attacher.go'],
  ),
  'volume-attach-timeout': attaches(
    'The storage driver was asked to attach a volume and did not say in time that it had.',
    [
      /AttachVolume\.Attach failed for volume "(?<volume>[^"]{1,300})"[^\n]{0,20} ?: (?:timed out waiting for external-attacher of|attachment timeout for volume|volume attachment is being deleted|watch channel had been closed|context deadline exceeded|rpc error: code = DeadlineExceeded)/,
      'pkg/volume/csi/csi_attacher.go',
    ],
    [
      /timed out waiting for external-attacher of (?<driver>[\w.-]{1,253}) CSI driver to attach volume/,
      'pkg/volume/csi/csi_attacher.go',
    ],
  ),
  'volume-device-state': ebs(
    'The disk did not reach the state that was expected: the cloud is slow, or another node holds it.',
    [
      /attachment of disk "(?<disk>[^"]{1,100})" failed, expected device to be attached but was (?<state>\w{1,20})/,
      'pkg/cloud/cloud.go',
    ],
    [/stuck in (?<state>attaching|detaching) state/, 'pkg/cloud/cloud.go'],
  ),
  'volume-attach-failed': attaches('A volume was not attached; the error says why.', [
    /AttachVolume\.Attach failed for volume "(?<volume>[^"]{1,300})"/,
    'pkg/volume/util/operationexecutor/operation_generator.go',
  ]),
  'volume-detach-failed': attaches('A volume was not detached; the error says why.', [
    /DetachVolume\.Detach failed for volume "(?<volume>[^"]{1,300})"/,
    'pkg/volume/util/operationexecutor/operation_generator.go',
  ]),
  'volume-attach-error': signaller('external-attacher', 'pkg/controller/util.go (status.attachError)')(
    'The driver refused to attach a volume; the error says why.',
    'attachError',
  ),
  'volume-detach-error': signaller('external-attacher', 'pkg/controller/util.go (status.detachError)')(
    'The driver refused to detach a volume; the error says why.',
    'detachError',
  ),
  'volume-driver-silent': speaker('external-attacher', ['attachError', 'detachError'])(
    'The driver did not answer in time: what it would say of the volume is not known.',
    [/DeadlineExceeded/, 'google.golang.org/grpc codes/code_string.go'],
    [/timed out/, 'k8s.io/apimachinery pkg/util/wait/error.go'],
  ),
  'volume-attached': attaches('A volume was attached.', [
    /AttachVolume\.Attach succeeded for volume "(?<volume>[^"]{1,300})"/,
    'pkg/volume/util/operationexecutor/operation_generator.go',
  ]),
  'volume-mount-timeout': says(
    'The volumes of a pod were not ready in two minutes; why stands in other events.',
    [
      /Unable to attach or mount volumes: unmounted volumes=\[(?<unmounted>[^\]]{0,1000})\][^\n]{0,2000}?: (?<cause>timed out waiting for the condition|context deadline exceeded|error processing PVC [^\n]{1,200}|failed to process volumes=\S{1,200}|failed to get [^\n]{1,200})/,
      'pkg/kubelet/volumemanager/volume_manager.go',
      { since: 'v1.15' },
    ],
    [
      /Unable to attach or mount volumes: unmounted volumes=\[(?<unmounted>[^\]]{0,1000})\]/,
      'pkg/kubelet/volumemanager/volume_manager.go',
    ],
    [
      /Unable to mount volumes for pod "(?<pod>[^"]{1,600})": timeout expired waiting for volumes to attach/,
      'pkg/kubelet/kubelet.go',
      { until: 'v1.14' },
    ],
    [
      /error processing PVC (?<claim>[\w./-]{1,320}): /,
      'pkg/kubelet/volumemanager/populator/desired_state_of_world_populator.go',
    ],
  ),
  'efs-mount-failed': says(
    'A file system over the network was not mounted.',
    [/mount\.nfs4?:\s(?<cause>[^\n]{1,200})/, 'nfs-utils utils/mount'],
    [
      /Could not mount "?(?<source>fs-\w{1,40})[^\n]{0,200}? at "(?<target>[^"]{1,300})"/,
      'aws-efs-csi-driver pkg/driver/node.go',
    ],
    [/Failed to resolve "(?<host>[^"]{1,253})" - check that your file system ID is correct/, 'efs-utils mount_efs'],
    [/mount\.efs|b'mount\.nfs4: /, 'efs-utils mount_efs'],
    [
      /(?<cause>bad option; for several filesystems \(e\.g\. nfs, cifs\) you might need a \/sbin\/mount\.\S{1,12} helper program)/,
      'util-linux mount',
    ],
  ),
  'volume-ownership-slow': speaker('kubelet', ['VolumePermissionChangeInProgress'])(
    'The owner of every file of a volume is changed before its pod may start, and the volume has many.',
    [/Setting volume ownership for (?<volume>[^\s,]{1,400})/, 'pkg/volume/volume_linux.go'],
  ),
  'fs-group-failed': says('The kubelet could not give the files of a volume to the group of the pod.', [
    /applyFSGroup failed(?: for vol (?<volume>[^\s:]{1,300}))?/,
    'pkg/volume/csi/csi_mounter.go',
  ]),
  'filesystem-damaged': says('The file system of a volume is damaged, or is another than was asked for.', [
    /wrong fs type, bad option, bad superblock|'fsck' found errors on device (?<device>\S{1,100})|failed to mount the volume as "\w{1,12}", it already contains/,
    'k8s.io/mount-utils mount_linux.go',
  ]),
  'volume-projection-unregistered': says(
    'The kubelet has not read the ConfigMap or Secret of the pod yet; it passes by itself.',
    [
      /object "(?<namespace>[\w-]{1,63})"\/"(?<name>[\w.-]{1,253})" not registered/,
      'pkg/kubelet/util/manager/cache_based_manager.go',
    ],
  ),
  'subpath-failed': says('A path within a volume could not be prepared for a container.', [
    /failed to prepare subPath for volumeMount "(?<mount>[^"]{1,253})" of container "(?<container>[^"]{1,253})"/,
    'pkg/kubelet/kubelet_pods.go',
  ]),
  'host-path-mismatch': says('The path on the node is not what the pod says that it is.', [
    /hostPath type check failed: (?<path>\S{1,300}) is not an? (?<type>[\w ]{1,40}\w)/,
    'pkg/volume/hostpath/host_path.go',
  ]),
  'volume-operation-pending': ebs('An earlier request for the same volume still runs.', [
    /[Aa]n operation with the given [Vv]olume(?:[ =]?)(?:ID|Id|key)? ?(?<volume>[\w.-]{0,120}) already exists/,
    'pkg/driver/node.go',
  ]),
  'volume-mount-failed': says(
    'A volume was not mounted; the error says why.',
    [
      /MountVolume\.(?<step>SetUp|MountDevice|NodeExpandVolume|WaitForAttach|NewMounter) (?:initialization )?failed for volume "(?<volume>[^"]{1,300})"/,
      'pkg/volume/util/operationexecutor/operation_generator.go',
    ],
    [
      /MapVolume\.(?<step>\w{1,30}) failed for volume "(?<volume>[^"]{1,300})"/,
      'pkg/volume/util/operationexecutor/operation_generator.go',
    ],
  ),
  'volume-unmount-failed': says('A volume was not unmounted; something still uses it.', [
    /UnmountVolume\.(?<step>\w{1,30}) failed for volume "(?<volume>[^"]{1,300})"|UnmountDevice failed for volume "(?<device>[^"]{1,300})"/,
    'pkg/volume/util/operationexecutor/operation_generator.go',
  ]),
  'volume-waits-for-consumer': binds('The claim waits for a pod that uses it: no fault.', [
    /waiting for first consumer to be created before binding|waiting for pod (?<pod>[\w.-]{1,253}) to be scheduled/,
    'pkg/controller/volume/persistentvolume/pv_controller.go',
  ]),
  'volume-waits-for-provisioner': binds(
    'The claim waits for a storage driver; if it waits long, the driver does not run.',
    [
      /[Ww]aiting for a volume to be created,? either by (?:the )?external provisioner ["'](?<provisioner>[^"']{1,253})["']/,
      'pkg/controller/volume/persistentvolume/pv_controller.go',
    ],
  ),
  'no-storage-class': binds('No volume fits the claim, and it names no storage class that could make one.', [
    /no persistent volumes available for this claim and no storage class is set/,
    'pkg/controller/volume/persistentvolume/pv_controller.go',
  ]),
  'missing-storage-class': binds('The claim names a storage class that does not exist.', [
    /storageclass(?:es)?(?:\.storage\.k8s\.io)? "(?<name>[^"]{1,253})" not found/,
    'pkg/controller/volume/persistentvolume/pv_controller.go',
  ]),
  'no-default-storage-class': provisions('No volume plugin makes volumes for the storage class.', [
    /no volume plugin matched(?: name: (?<plugin>[\w./-]*\w))?/,
    'pkg/volume/plugins.go',
  ]),
  'volume-lost': binds('The claim was bound to a volume that no longer exists.', [
    /Bound claim has lost its PersistentVolume|Bound claim has lost reference to PersistentVolume/,
    'pkg/controller/volume/persistentvolume/pv_controller.go',
  ]),
  'volume-already-bound': binds(
    'The volume that the claim asks for belongs to another claim, or does not fit.',
    [
      /volume "(?<volume>[^"]{1,253})" already bound (?:to|by) a different claim/,
      'pkg/controller/volume/persistentvolume/pv_controller.go',
    ],
    [
      /Cannot bind to requested volume "(?<volume>[^"]{1,253})": (?<cause>[^\n]{1,120})/,
      'pkg/controller/volume/persistentvolume/pv_controller.go',
    ],
    [
      /Volume's size is smaller than requested or volume's class does not match with claim/,
      'pkg/controller/volume/persistentvolume/pv_controller.go',
    ],
  ),
  'volume-delete-blocked': speaker('external-provisioner', ['VolumeFailedDelete'])('A volume could not be deleted.', [
    /persistentvolume (?<volume>\S{1,253}) is still attached to node (?<node>[\w.-]*\w)/,
    'lib/controller/controller.go',
  ]),
  'provisioning-failed': provisions(
    'A volume was not made; the error says why.',
    [
      /failed to provision volume with StorageClass "(?<class>[^"]{1,253})": (?<cause>[^\n]{1,600})/i,
      'lib/controller/controller.go',
    ],
    [
      /error getting topology|error generating accessibility requirements: (?<cause>[^\n]{1,200})/,
      'pkg/controller/controller.go',
    ],
  ),
  'volume-not-expandable': speaker('kube-apiserver')('The claim may not grow: its storage class does not allow it.', [
    /only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize/,
    'plugin/pkg/admission/storage/persistentvolume/resize/admission.go',
  ]),
  'volume-modification-cooldown': ebs(
    'The disk was changed within the last hours; the cloud allows the next change later.',
    [/VolumeModificationRateExceeded/, 'EC2 API'],
    [/You've reached the maximum modification rate per volume limit/, 'EC2 API'],
  ),
  'volume-resize-failed': resizes(
    'A volume was not grown; the error says why.',
    [
      /resize volume "?(?<volume>[\w.-]{1,253})"? (?:by resizer "(?<resizer>[^"]{1,253})" )?failed: (?<cause>[^\n]{1,400})/,
      'pkg/controller/resize_status.go',
    ],
    [
      /MountVolume\.NodeExpandVolume failed for volume "(?<volume>[^"]{1,300})"/,
      'pkg/volume/util/operationexecutor/operation_generator.go',
    ],
    [/error expanding volume "(?<claim>[^"]{1,320})"/, 'pkg/controller/volume/expand/expand_controller.go'],
  ),
  'filesystem-resize-pending': signaller('external-resizer', 'pkg/controller/controller.go')(
    'The disk has grown; the file system on it grows when the pod is next mounted.',
    'FileSystemResizePending',
    'FileSystemResizeRequired',
  ),
  'volume-resize-error': signaller('external-resizer', 'pkg/controller/controller.go')(
    'The volume could not be grown.',
    'ControllerResizeError',
    'NodeResizeError',
    'VolumeResizeFailed',
    'FileSystemResizeFailed',
  ),
  'volume-read-only': says('A volume may only be read, and something writes to it.', [
    /device is write-protected, mounting read-only|cannot mount [^\n]{1,200} read-only/,
    'util-linux mount',
  ]),
} satisfies Record<string, Message>
