import type { Incident } from './incident.ts'
import type { Ref } from './reference.ts'

/** What the names of pods end in: five letters and digits (k8s.io/apimachinery/pkg/util/rand), or the ordinal of a StatefulSet. */
const RANDOM = /^(?<owner>.+)-[bcdfghjklmnpqrstvwxz2456789]{5}$/
const ORDINAL = /^(?<owner>.+)-\d{1,6}$/

/** The workload that a pod belonged to whose object is gone: by its name, where the bundle holds such a workload. Of others `topOf`. */
export function workloadOfPod(incident: Incident, ref: Ref): Ref {
  const top = incident.topOf(ref)
  if (ref.kind !== 'Pod' || top.kind !== 'Pod' || incident.podOf(ref)) return top
  const namespace = ref.namespace === undefined ? {} : { namespace: ref.namespace }
  const owner = RANDOM.exec(ref.name)?.groups?.owner ?? ''
  const candidates: readonly Ref[] = [
    incident.topOf({ kind: 'ReplicaSet', ...namespace, name: owner }),
    { kind: 'DaemonSet', ...namespace, name: owner },
    { kind: 'StatefulSet', ...namespace, name: ORDINAL.exec(ref.name)?.groups?.owner ?? '' },
  ]
  return candidates.find((one) => incident.workloadOf(one) !== undefined && one.name !== '') ?? top
}
