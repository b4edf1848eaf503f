import { cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { RECENT } from '../../incident/lately.ts'
import type { Pod } from '../../incident/pod.ts'
import { latest } from '../../incident/telling.ts'
import { endOfPod, knownEndOf } from '../recency.ts'
import type { Rule } from '../rule.ts'
import { countPods, type Seen, symptomExplanation, symptomsOf } from './symptom.ts'

/** Pods that were taken away: evicted, preempted, rejected, lost with their node. */
export const evictedPods: Rule<'evicted-pods'> = {
  id: 'evicted-pods',
  title: 'Pods were evicted, preempted or rejected',
  domain: 'generic',
  needs: ['pods'],
  explains: [],
  explain: symptomExplanation(
    'The kubelet, the scheduler or a controller ended a pod that was to run. Its workload makes a new one, somewhere.',
    'Phase Failed with a reason such as Evicted, OutOfcpu or NodeLost, within the last hour.',
  ),
  *evaluate(incident) {
    yield* symptomsOf('evicted', listEvicted(incident), (workload, seen) => {
      return `${countPods(seen)} of ${workload.name} ${seen.length === 1 ? 'was' : 'were'} taken away: ${seen[0]?.words}`
    })
  },
}

/** Reasons of a failed pod that are its own doing, and what ends of its own will. */
const OWN_DOING = new Set(['', 'Error', 'DeadlineExceeded', 'Completed'])

function* listEvicted(incident: Incident): Generator<Seen> {
  for (const pod of incident.pods) {
    if (pod.phase !== 'Failed' || OWN_DOING.has(pod.reason)) continue
    const at = knownEndOf(pod) ?? saidAt(incident, pod) ?? endOfPod(pod)
    if ((at ?? 0) < incident.start - RECENT) continue
    const words = `${pod.reason}${pod.message === '' ? '.' : `: ${pod.message.slice(0, 300)}`}`
    yield { pod, since: at, words, citation: cite(pod, ['status', pod.message === '' ? 'reason' : 'message']) }
  }
}

/** An event has the reason that the kubelet writes into the status as well. */
function saidAt({ eventsAbout }: Incident, { ref, reason }: Pod): number | undefined {
  return latest(eventsAbout(ref).map((event) => (event.reason === reason ? event.last : undefined)))
}
