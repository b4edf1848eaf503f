import { atLeastOne, type Citation } from '../../incident/citation.ts'
import type { CgroupCounters } from '../../incident/counters/cgroups.ts'
import { citeReading, type Growth, type Reading } from '../../incident/counters/reading.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count } from '../../incident/telling.ts'
import type { Finding } from '../rule.ts'
import { isSuffering } from '../suffering.ts'
import { waitsForOthers } from './waits-for-others.ts'

/** A pod in which the kernel refused processes between two samples, because a limit of them was reached. */
interface Refused {
  readonly pod: Pod
  readonly growth: Growth
  /** How many processes and threads there were, of how many that may be, where that is nearly all of them. */
  readonly full: { readonly threads: Reading; readonly most: Reading } | undefined
}

/** From here on a cgroup has no room for another pool of threads (judgement). */
const FULL = 0.95

/**
 * What the kernel counts in pids.events: it is counted where the process wanted to be born, since Linux 6.11 where the limit is (kernel/cgroup/pids.c).
 * Only what grows between the samples is told: since the start of a container it may have been a passing peak.
 */
export function findRefused(incident: Incident, said: readonly Said[]): readonly Finding[] {
  const refused = incident.pods.flatMap((pod) => refusedIn(incident, pod) ?? [])
  return [...Map.groupBy(refused, ({ pod }) => keyOf(pod.workload))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, members]) => {
      const logged = said.filter(({ about }) => keyOf(incident.topOf(about)) === key)
      return describe(incident, members as [Refused, ...Refused[]], logged)
    })
}

function refusedIn(incident: Incident, pod: Pod): Refused | undefined {
  const cgroups = ['', ...pod.containers.map(({ name }) => name)].flatMap(
    (name) => incident.counters.cgroupOf(pod.ref, name) ?? [],
  )
  const [growth] = cgroups
    .flatMap((one) => one.growth('container_refused_processes_total') ?? [])
    .filter(({ delta }) => delta > 0)
    .sort((a, b) => b.delta - a.delta)
  return growth && { pod, growth, full: cgroups.map(fullness).find((one) => one !== undefined) }
}

function fullness(cgroup: CgroupCounters): Refused['full'] {
  const [threads, most] = [cgroup.last('container_threads'), cgroup.last('container_threads_max')]
  return threads && most && threads.value >= FULL * most.value ? { threads, most } : undefined
}

function describe(incident: Incident, refused: readonly [Refused, ...Refused[]], logged: readonly Said[]): Finding {
  const [{ pod, growth, full }] = refused
  const sick = refused.map((one) => one.pod).filter((one) => isSuffering(incident, one))
  // Threads pile up while they wait; who says itself that it can start none does not fail for that alone.
  const isOfOthers = logged.length === 0 && sick.some((one) => waitsForOthers(incident, one))
  const room = full ? `, which has ${full.threads.value} of the ${full.most.value} that it may have` : ''
  const cites: Citation[] = [...(full ? [full.threads, full.most] : []), growth.after, growth.before].map(citeReading)
  return {
    kind: sick.length > 0 ? 'cause' : 'risk',
    subject: pod.workload,
    strength: sick.length > 0 && full && !isOfOthers ? 'proof' : 'strong',
    from: undefined,
    says: `The kernel refused ${count(growth.delta, 'new process')} (a thread is one) in ${pod.ref.name} within ${Math.round(growth.seconds)} s, because a limit of them was reached${room}.`,
    cites: atLeastOne([...cites, ...logged.slice(0, 1).map(({ citation }) => citation)]),
    affects: sick.map(({ ref }) => ref),
    missing: full ? [] : ['pids.current against pids.max of the cgroup whose limit it was.'],
  }
}
