import type { Incident } from './incident.ts'
import type { Pod } from './pod.ts'
import { type Ref, uniqueRefs } from './reference.ts'

/** Who suffers with these pods: the pods, what they belong to, and the Services that send requests to them. */
export function sufferersOf(incident: Incident, pods: readonly Pod[]): readonly Ref[] {
  return uniqueRefs(
    pods.flatMap((pod) => [pod.ref, pod.workload, ...incident.servicesOf(pod).map(({ object }) => object.ref)]),
  )
}
