import type { Incident } from './incident.ts'
import { stringsAt } from './kubernetes.ts'
import { type Ref, uniqueRefs } from './reference.ts'
import { matchesLabels } from './selector.ts'
import { sufferersOf } from './sufferers.ts'

/** Who suffers with a workload, also where it has no pods: its pods, and the Services that would send requests to its template's pods. */
export function sufferersOfWorkload(incident: Incident, ref: Ref): readonly Ref[] {
  const workload = incident.workloadOf(ref)
  const labels = stringsAt(workload?.object?.json, 'spec', 'template', 'metadata', 'labels')
  const services = incident.services.filter(
    ({ object, selector }) =>
      object.ref.namespace === ref.namespace && Object.keys(selector).length > 0 && matchesLabels(selector, labels),
  )
  return uniqueRefs([ref, ...sufferersOf(incident, workload?.pods ?? []), ...services.map(({ object }) => object.ref)])
}
