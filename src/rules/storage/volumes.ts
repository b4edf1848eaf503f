import type { Incident } from '../../incident/incident.ts'
import { listAt, recordAt, textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { isPreparing } from '../../incident/waiting.ts'

/** Whether a pod has a node and waits there for what its containers need. */
export function waitsToStart({ phase, node, deleted, containers }: Pod): boolean {
  if (phase !== 'Pending' || node === '' || deleted !== undefined) return false
  return containers.every(
    ({ state }) => state.kind === 'unreported' || (state.kind === 'waiting' && isPreparing(state.reason)),
  )
}

/** The claims that a pod names, of those that exist; of a generic ephemeral volume the one that is made for it. */
export function claimsOf(incident: Incident, pod: Pod): readonly KubeObject[] {
  const named = pod.uses.filter(({ kind }) => kind === 'PersistentVolumeClaim').map(({ name }) => name)
  const made = volumesOf(pod).map(({ claim }) => claim)
  const names = new Set([...named, ...made].filter((claim) => claim !== ''))
  return [...names].flatMap((name) => incident.find('PersistentVolumeClaim', pod.ref.namespace, name) ?? [])
}

/** A volume of a pod: its claim, where it is of one, and what it is made of. */
interface PodVolume {
  readonly name: string
  readonly claim: string
  readonly source: string
}

/** The volumes of a pod spec. */
export function volumesOf({ json, ref, uses }: Pod): readonly PodVolume[] {
  // A pod that is well shares its spec with its siblings; what it uses is its own.
  const claims = new Map(
    uses.filter(({ kind }) => kind === 'PersistentVolumeClaim').map((use) => [use.path[2], use.name]),
  )
  return listAt(json, 'spec', 'volumes').map((volume, index) => {
    const name = textAt(volume, 'name')
    const source = Object.keys(recordAt(volume)).find((key) => key !== 'name') ?? ''
    const claim = claims.get(index) ?? (source === 'ephemeral' ? `${ref.name}-${name}` : '')
    return { name, source, claim }
  })
}

/** The volume that a claim is bound to. */
export function volumeOf(incident: Incident, claim: KubeObject): KubeObject | undefined {
  const name = textAt(claim.json, 'spec', 'volumeName')
  return name === '' ? undefined : incident.find('PersistentVolume', undefined, name)
}

/** Where a volume is attached, or is to be. */
export function attachmentsOf(incident: Incident, volume: string): readonly KubeObject[] {
  return incident
    .objects('volumeattachments.storage.k8s.io')
    .filter(({ json }) => textAt(json, 'spec', 'source', 'persistentVolumeName') === volume)
}

/** What was said of pods that still wait, by pod. */
export function saidOfPods(
  incident: Incident,
  said: readonly Said[],
  waits: (pod: Pod) => boolean,
): readonly { readonly pod: Pod; readonly said: readonly [Said, ...Said[]] }[] {
  return [...Map.groupBy(said, ({ about }) => keyOf(about))].flatMap(([, members]) => {
    const pod = incident.podOf((members[0] as Said).about)
    return pod && waits(pod) ? [{ pod, said: members as [Said, ...Said[]] }] : []
  })
}
