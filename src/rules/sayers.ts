import type { Incident } from '../incident/incident.ts'
import type { MessageId } from '../incident/messages/index.ts'
import type { Pod } from '../incident/pod.ts'
import type { Ref } from '../incident/reference.ts'
import type { Said } from '../incident/statement.ts'
import { earliest, latest } from '../incident/telling.ts'
import { type Group, groupByWorkload } from './group.ts'
import { isCurrent, isStillSaid, lastOf } from './recency.ts'
import type { Finding } from './rule.ts'
import { isSuffering, mayComeOf } from './suffering.ts'

/** A workload of which something was said within the hour, or which logged it. */
export interface Sayer {
  readonly workload: Ref
  readonly said: readonly [Said, ...Said[]]
  /** Of the pods that it was said of, those that something is wrong with. */
  readonly sick: readonly Pod[]
  readonly nodes: readonly string[]
  readonly isOngoing: boolean
}

/** The workloads that say one of these things now, in their order. */
export function sayersOf(incident: Incident, ...ids: readonly MessageId[]): readonly Sayer[] {
  return groupByWorkload(incident, ...ids).flatMap((group) => readSayer(incident, group) ?? [])
}

function readSayer(incident: Incident, { workload, pods, said }: Group): Sayer | undefined {
  const [first, ...others] = said.filter((one) => isCurrent(incident, one))
  if (!first) return undefined
  const current: readonly [Said, ...Said[]] = [first, ...others]
  const names = new Set(current.map(({ about }) => about.name))
  const isOngoing = current.some((one) => isStillSaid(incident, one))
  const until = isOngoing ? undefined : latest(current.map((one) => lastOf(incident, one)))
  const speaking = pods.filter(({ ref }) => names.has(ref.name))
  return {
    workload,
    said: current,
    sick: speaking.filter((pod) => isSuffering(incident, pod) && mayComeOf(pod, undefined, until)),
    nodes: [...new Set(speaking.map(({ node }) => node))].filter((node) => node !== ''),
    isOngoing,
  }
}

/** What a workload says that it can do no more: a cause where a pod suffers, a risk where it only goes on saying so. */
export function findingOfSayer({ workload, said, sick }: Sayer, rest: Pick<Finding, 'says' | 'missing'>): Finding {
  return {
    kind: sick.length > 0 ? 'cause' : 'risk',
    subject: workload,
    strength: 'strong',
    from: earliest(said.map((one) => one.first)),
    cites: [said[0].citation],
    affects: sick.map(({ ref }) => ref),
    ...rest,
  }
}
