import { cite } from '../../incident/citation.ts'
import type { Container } from '../../incident/container.ts'
import { crashesOf, hasLeftLoop } from '../../incident/crash.ts'
import type { Incident } from '../../incident/incident.ts'
import { RECENT } from '../../incident/lately.ts'
import type { Pod } from '../../incident/pod.ts'
import type { Rule } from '../rule.ts'
import { countPods, type Seen, symptomExplanation, symptomsOf } from './symptom.ts'

/** Containers that end and are started again, whatever the reason. */
export const crashingContainers: Rule<'crashing-containers'> = {
  id: 'crashing-containers',
  title: 'Containers end and are started again',
  domain: 'generic',
  needs: ['pods'],
  explains: [],
  explain: symptomExplanation(
    'A container ended within the last hour although it is meant to run, and the kubelet starts it again, ever later.',
    'containerStatuses: state waiting with CrashLoopBackOff, or lastState terminated.',
  ),
  *evaluate(incident) {
    yield* symptomsOf(
      'crashing',
      listCrashing(incident),
      (workload, seen) => {
        const restarts = Math.max(...seen.flatMap(({ pod }) => pod.containers.map((one) => one.restarts)))
        const [words] = seen.map((one) => one.words)
        return `Containers in ${countPods(seen)} of ${workload.name} end and are started again (up to ${restarts} restarts): ${words}.`
      },
      (seen) => (seen.every((one) => isOver(incident, one)) ? 'weak' : 'proof'),
    )
  },
}

/** One restart, or several at its start, and well since: things happen. */
function isOver(incident: Incident, { pod }: Seen): boolean {
  return pod.ready && pod.containers.every((one) => one.restarts <= 1 || hasLeftLoop(incident, one))
}

function* listCrashing(incident: Incident): Generator<Seen> {
  for (const pod of incident.pods) {
    if (pod.phase === 'Succeeded') continue
    for (const container of pod.containers) {
      const ended = describeEnd(incident, pod, container)
      if (ended) yield ended
    }
  }
}

function describeEnd(incident: Incident, pod: Pod, container: Container): Seen | undefined {
  const { start } = incident
  const { state, last, statusPath, restarts, role } = container
  if (!statusPath || role === 'ephemeral' || pod.deleted !== undefined) return undefined
  const isLooping = state.kind === 'waiting' && state.reason === 'CrashLoopBackOff'
  const isDown = state.kind === 'terminated' && state.exitCode !== 0 && pod.phase === 'Running' && role !== 'init'
  const hasRestarted = restarts > 0 && last !== undefined && (last.finished ?? 0) >= start - RECENT
  if (!isLooping && !isDown && !hasRestarted) return undefined
  const end = state.kind === 'terminated' ? state : last
  const path = [...statusPath, state.kind === 'terminated' ? 'state' : last ? 'lastState' : 'state']
  return {
    pod,
    since: crashesOf(incident, pod).find((one) => one.container === container)?.since ?? end?.finished,
    words: `${container.name} ended with ${end?.reason || 'an unknown reason'}, exit code ${end?.exitCode ?? 'unknown'}`,
    citation: end ? cite(pod, [...path, 'terminated', 'exitCode']) : cite(pod, [...path, 'waiting', 'reason']),
  }
}
