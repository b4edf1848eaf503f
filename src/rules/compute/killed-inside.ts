import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Container } from '../../incident/container.ts'
import { citeReading } from '../../incident/counters/reading.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { showBytes } from '../../incident/quantity.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import { count } from '../../incident/telling.ts'
import { type Finding, type Rejection, reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'
import { memoryLimitOf } from './ended.ts'

const KILLS = 'container_oom_events_total'

/**
 * Processes that the kernel killed for want of memory in containers that live on: their status says nothing of it. The counter is of this life of
 * the container; only where it grew between the samples is it known to go on.
 */
export function* findKilledInside(incident: Incident): Generator<Finding | Rejection> {
  const full = new Set(incident.said('system-oom', 'kernel-oom-kill').map(({ about }) => about.name))
  for (const pod of incident.pods) {
    for (const container of pod.containers) {
      const kills = incident.counters.cgroupOf(pod.ref, container.name)?.last(KILLS)
      if (!kills || kills.value === 0 || container.state.kind !== 'running') continue
      if (full.has(pod.node))
        yield reject(pod.workload, `Processes in ${container.name} were killed, but its node ran out of memory.`)
      else if (hasRoom(incident, pod, container))
        yield reject(pod.workload, `Processes in ${container.name} were killed, but it never reached its memory limit.`)
      else if (memoryLimitOf(pod, container) !== undefined) yield describe(incident, pod, container)
    }
  }
}

/** The kernel counts whom it killed, whoever was short of memory, and apart from it how often a limit was reached. */
function hasRoom({ counters }: Incident, { ref }: Pod, { name }: Container): boolean {
  const reached = [name, ''].flatMap((one) => counters.cgroupOf(ref, one)?.last('container_memory_failcnt') ?? [])
  return reached.length > 0 && reached.every(({ value }) => value === 0)
}

function describe(incident: Incident, pod: Pod, container: Container): Finding {
  const cgroup = incident.counters.cgroupOf(pod.ref, container.name)
  const [growth, last] = [cgroup?.growth(KILLS), cgroup?.last(KILLS)]
  const grew = growth && growth.delta > 0 ? growth : undefined
  const sick = isSuffering(incident, pod)
  const when = grew
    ? `, ${grew.delta} of them within ${Math.round(grew.seconds)} s of the capture`
    : ' since it started'
  return {
    kind: sick || grew ? 'cause' : 'risk',
    subject: pod.workload,
    strength: sick && grew ? 'strong' : 'weak',
    from: container.state.kind === 'running' ? container.state.since : undefined,
    says: `The kernel killed ${count(last?.value ?? 0, 'process')} in ${container.name} of ${pod.ref.name}, which has a memory limit of ${showBytes(memoryLimitOf(pod, container) ?? 0)} and goes on${when}.`,
    cites: atLeastOne([
      ...(last ? [citeReading(last)] : []),
      ...(grew ? [citeReading(grew.before)] : []),
      cite(pod, [...container.specPath, 'resources']),
    ]),
    missing: ['kernel-log: whether it was the memory cgroup of the container'],
    affects: uniqueRefs([pod.ref, pod.workload]),
  }
}
