import type { Incident } from '../incident/incident.ts'
import type { MessageId } from '../incident/messages/index.ts'
import type { Pod } from '../incident/pod.ts'
import { keyOf, type Ref } from '../incident/reference.ts'
import type { Said } from '../incident/statement.ts'

/** What was said of the pods of one workload: of those that are still in the bundle, or of one that is gone. */
export interface Group {
  readonly workload: Ref
  /** Pods that something was said about and that the bundle still holds. */
  readonly pods: readonly Pod[]
  readonly said: readonly Said[]
}

/** Groups what means one of these by the workload of the pod that it is about, in the order of workloads; what is about other kinds is left out. */
export function groupByWorkload(incident: Incident, ...ids: readonly MessageId[]): readonly Group[] {
  const said = incident.said(...ids).filter(({ about }) => about.kind === 'Pod')
  const groups = Map.groupBy(said, ({ about }) => keyOf(incident.topOf(about)))
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, members]) => {
      const pods = new Map(members.map(({ about }) => [keyOf(about), incident.podOf(about)]))
      return {
        workload: incident.topOf((members[0] as Said).about),
        pods: [...pods.values()].filter((pod) => pod !== undefined),
        said: members,
      }
    })
}
