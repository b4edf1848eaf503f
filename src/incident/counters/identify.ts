import { listAt, textAt } from '../kubernetes.ts'
import type { Pod } from '../pod.ts'
import type { CgroupPlace, Identify } from './cgroups.ts'

/** Tells of a cgroup whose it is, by the pod's uid and the id that the pod's status has of the container. */
export function createIdentify(pods: readonly Pod[]): Identify {
  let byUid: ReadonlyMap<string, Pod> | undefined
  return ({ podUid, containerId }) => {
    if (podUid === undefined) return undefined
    byUid ??= new Map(pods.map((pod) => [pod.uid, pod]))
    const pod = byUid.get(podUid)
    return pod && placeIn(pod, containerId)
  }
}

function placeIn(pod: Pod, containerId: string | undefined): CgroupPlace | undefined {
  const place = { namespace: pod.ref.namespace ?? '', pod: pod.ref.name, container: '' }
  if (containerId === undefined) return place
  const statuses = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'].flatMap((key) =>
    listAt(pod.json, 'status', key),
  )
  // `containerd://<id>`
  const status = statuses.find((one) => textAt(one, 'containerID').split('://')[1] === containerId)
  return status === undefined ? undefined : { ...place, container: textAt(status, 'name') }
}
