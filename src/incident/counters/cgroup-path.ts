/** The pod and the container that a cgroup belongs to, as its path says; neither for a cgroup of the system. */
export interface CgroupOwner {
  readonly podUid: string | undefined
  readonly containerId: string | undefined
}

/** A pod's uid, whole: a UUID, with underscores under systemd; of a static pod 32 hexadecimal digits (pkg/kubelet/cm/pod_container_manager_linux.go). */
const POD =
  /(?:^|[/-])pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?=\/|$)/

/** A container's id, whole: bare under cgroupfs, between a prefix and `.scope` under systemd. */
const CONTAINER = /\/(?:(?:cri-containerd|crio|docker|cri-o)-)?([0-9a-f]{64})(?:\.scope)?$/

/** Reads the path of a cgroup: `/kubepods/burstable/pod<uid>/<id>`, or `/kubepods.slice/…-pod<uid>.slice/cri-containerd-<id>.scope`. */
export function ownerOfCgroup(path: string): CgroupOwner {
  const podUid = POD.exec(path)?.[1]?.replaceAll('_', '-')
  return { podUid, containerId: podUid === undefined ? undefined : CONTAINER.exec(path)?.[1] }
}

/** Whether a cgroup is that of a whole pod or of a container of it: others lie within a container, or beside it, and count for neither. */
export function isCgroupOfPod(path: string): boolean {
  const { podUid, containerId } = ownerOfCgroup(path)
  return containerId !== undefined || (podUid !== undefined && POD_ITSELF.test(path))
}

const POD_ITSELF = /(?:^|[/-])pod[0-9a-f_-]{32,36}(?:\.slice)?$/
