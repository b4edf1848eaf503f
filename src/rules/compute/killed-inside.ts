import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Container } from '../../incident/container.ts'
import { citeReading, type Growth, type Reading } from '../../incident/counters/reading.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { showBytes } from '../../incident/quantity.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count } from '../../incident/telling.ts'
import { clockTime, isStillSaid } from '../recency.ts'
import { type Finding, type Rejection, reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'
import { memoryLimitOf } from './ended.ts'
import { kernelKillsIn } from './kernel-kill.ts'
import { waitsForOthers } from './waits-for-others.ts'

const KILLS = 'container_oom_events_total'

/**
 * Processes that the kernel killed for want of memory in containers that live on: their status says nothing of it. The kernel writes each into its log;
 * its counter is of this life of the container, and only where it grew between the samples is it known to go on.
 */
export function* findKilledInside(incident: Incident): Generator<Finding | Rejection> {
  const full = new Set(incident.said('system-oom', 'kernel-oom-kill').map(({ about }) => about.name))
  for (const pod of incident.pods) {
    for (const container of pod.containers) {
      if (container.state.kind !== 'running' || container.state.since === undefined) continue
      const kills = killsIn(incident, pod, container, container.state.since)
      if (kills.count === 0) continue
      if (!kills.said && full.has(pod.node))
        yield reject(pod.workload, `Processes in ${container.name} were killed, but its node ran out of memory.`)
      else if (!kills.said && hasRoom(incident, pod, container))
        yield reject(pod.workload, `Processes in ${container.name} were killed, but it never reached its memory limit.`)
      else if (memoryLimitOf(pod, container) !== undefined) yield describe(incident, pod, container, kills)
    }
  }
}

/** What is known of processes that were killed in one life of a container. */
interface Kills {
  readonly count: number
  readonly counted: Reading | undefined
  readonly grew: Growth | undefined
  /** The kernel's own word. */
  readonly said: Said | undefined
}

function killsIn(incident: Incident, pod: Pod, container: Container, since: number): Kills {
  const cgroup = incident.counters.cgroupOf(pod.ref, container.name)
  const [counted, growth] = [cgroup?.last(KILLS), cgroup?.growth(KILLS)]
  // What was killed before this life began ended the one before.
  const said = kernelKillsIn(incident, pod, container).filter(({ first = 0 }) => first >= since)
  return {
    count: Math.max(counted?.value ?? 0, ...said.map((one) => one.count)),
    counted: counted && counted.value > 0 ? counted : undefined,
    grew: growth && growth.delta > 0 ? growth : undefined,
    said: said[0],
  }
}

/**
 * The kernel counts whom it killed, whoever was short of memory, and apart from it how often a limit was reached: that of the container, or that of the
 * pod around it, which is the same where the pod has one container.
 */
function hasRoom({ counters }: Incident, { ref }: Pod, { name }: Container): boolean {
  return [name, ''].every((one) => counters.cgroupOf(ref, one)?.last('container_memory_failcnt')?.value === 0)
}

function describe(
  incident: Incident,
  pod: Pod,
  container: Container,
  { count: kills, counted, grew, said }: Kills,
): Finding {
  const sick = isSuffering(incident, pod)
  const isNow = grew !== undefined || (said !== undefined && isStillSaid(incident, said))
  const strengths = said ? (['proof', 'strong'] as const) : (['strong', 'weak'] as const)
  const when = grew
    ? `, ${grew.delta} of them within ${Math.round(grew.seconds)} s of the capture`
    : said
      ? `, last at ${clockTime(said.last)}`
      : ' since it started'
  return {
    kind: sick || isNow ? 'cause' : 'risk',
    subject: pod.workload,
    strength: sick && isNow ? strengths[waitsForOthers(incident, pod) ? 1 : 0] : 'weak',
    from: said?.first ?? (container.state.kind === 'running' ? container.state.since : undefined),
    says: `The kernel killed ${count(kills, 'process')} in ${container.name} of ${pod.ref.name}, which has a memory limit of ${showBytes(memoryLimitOf(pod, container) ?? 0)} and goes on${when}.`,
    cites: atLeastOne([
      ...(said ? [said.citation] : []),
      ...(counted ? [citeReading(counted)] : []),
      ...(grew ? [citeReading(grew.before)] : []),
      cite(pod, [...container.specPath, 'resources']),
    ]),
    missing: said ? [] : ['kernel-log: whether it was the memory cgroup of the container'],
    affects: uniqueRefs([pod.ref, pod.workload]),
  }
}
