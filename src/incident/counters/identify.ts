import { listAt, textAt } from '../kubernetes.ts'
import type { Pod } from '../pod.ts'
import type { CgroupPlace, Identify } from './cgroups.ts'

/** Whether only containers count that the status calls the present ones, or those too whose end it still tells. */
type Lives = 'present' | 'ended too'

/** Tells of a cgroup whose it is, by the pod's uid and the id that the pod's status has of the container. */
export function createIdentify(pods: readonly Pod[], lives: Lives = 'present'): Identify {
  let byUid: ReadonlyMap<string, Pod> | undefined
  return ({ podUid, containerId }) => {
    if (podUid === undefined) return undefined
    byUid ??= new Map(pods.map((pod) => [pod.uid, pod]))
    const pod = byUid.get(podUid)
    return pod && placeIn(pod, containerId, lives)
  }
}

function placeIn(pod: Pod, containerId: string | undefined, lives: Lives): CgroupPlace | undefined {
  const place = { namespace: pod.ref.namespace ?? '', pod: pod.ref.name, container: '' }
  if (containerId === undefined) return place
  const statuses = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'].flatMap((key) =>
    listAt(pod.json, 'status', key),
  )
  const status = statuses.find((one) =>
    idsOf(one, lives).some((id) => id.slice(id.indexOf('://') + '://'.length) === containerId),
  )
  return status === undefined ? undefined : { ...place, container: textAt(status, 'name') }
}

/** `containerd://<id>` */
function idsOf(status: unknown, lives: Lives): readonly string[] {
  const present = textAt(status, 'containerID')
  return lives === 'present' ? [present] : [present, textAt(status, 'lastState', 'terminated', 'containerID')]
}
