import { cite } from '../../incident/citation.ts'
import type { Container } from '../../incident/container.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import type { Rule } from '../rule.ts'
import { timesOf } from '../times-of.ts'
import { countPods, type Seen, symptomExplanation, symptomsOf } from './symptom.ts'

/** Containers that should have started and wait: for an image, a volume, a network, a setting. */
export const waitingContainers: Rule<'waiting-containers'> = {
  id: 'waiting-containers',
  title: 'Containers wait and do not start',
  domain: 'generic',
  needs: ['pods'],
  explains: [],
  explain: symptomExplanation(
    'A pod has a node, and a container of it does not start: its image, its volumes, its network or its settings do not come.',
    'containerStatuses: state waiting; for ContainerCreating and PodInitializing, for longer than two minutes or with sandboxes that failed three times.',
  ),
  *evaluate(incident) {
    yield* symptomsOf('not-starting', listWaiting(incident), (workload, seen) => {
      return `Containers in ${countPods(seen)} of ${workload.name} wait and do not start: ${seen[0]?.words}.`
    })
  },
}

/** Pulling an image and making a network take this long without anything being wrong. */
const PATIENCE = 2 * 60 * 1000

const PASSING = new Set(['ContainerCreating', 'PodInitializing', ''])

function* listWaiting(incident: Incident): Generator<Seen> {
  for (const pod of incident.pods) {
    if (pod.deleted !== undefined || pod.node === '' || hasEnded(pod)) continue
    const waiting = pod.containers.find((container) => waitsTooLong(incident, pod, container))
    if (waiting) yield describeWaiting(pod, waiting)
    else if (hasStuckInit(incident, pod)) yield describeInit(pod)
    else if (isUnreported(incident, pod)) yield describeUnreported(pod)
  }
}

/** The containers of a pod that was evicted or lost before they started wait in its status for ever. */
function hasEnded({ phase }: Pod): boolean {
  return phase === 'Failed' || phase === 'Succeeded'
}

/** A kubelet that has seen a pod says so at once; of one that does not run, nothing comes. */
function isUnreported({ now }: Incident, { phase, containers, created }: Pod): boolean {
  const isSilent = containers.length > 0 && containers.every(({ state }) => state.kind === 'unreported')
  return phase === 'Pending' && isSilent && now - (created ?? now) > PATIENCE
}

function waitsTooLong(incident: Incident, pod: Pod, { state, role }: Container): boolean {
  const { now } = incident
  if (state.kind !== 'waiting' || role === 'ephemeral' || state.reason === 'CrashLoopBackOff') return false
  if (!PASSING.has(state.reason)) return true
  const isBehindInit = pod.containers.some((one) => one.role === 'init' && one.state.kind !== 'terminated')
  return !isBehindInit && (now - (pod.started ?? pod.created ?? now) > PATIENCE || hasNoSandbox(incident, pod))
}

/** The kubelet tries again every ten seconds or so (`podWorkers`, with jitter): who fails this often has not only come too early. */
const SANDBOX_TRIES = 3

/** Whether the sandbox of a pod is refused again and again, and the last time a moment ago. */
function hasNoSandbox(incident: Incident, { ref }: Pod): boolean {
  const failed = incident
    .eventsAbout(ref)
    .filter(({ reason, last }) => reason === 'FailedCreatePodSandBox' && (last ?? 0) >= incident.now - PATIENCE)
  return timesOf(failed) >= SANDBOX_TRIES
}

/** An init container that runs for longer than is usual keeps all others waiting. */
function hasStuckInit({ now }: Incident, pod: Pod): boolean {
  return pod.containers.some(({ role, state }) => {
    return role === 'init' && state.kind === 'running' && now - (state.since ?? now) > 5 * PATIENCE
  })
}

function describeWaiting(pod: Pod, { name, state, last, statusPath }: Container): Seen {
  const { reason = '', message = '' } = state.kind === 'waiting' ? state : {}
  const field = message === '' ? 'reason' : 'message'
  // One that ran before waits since it ended, not since its pod was made.
  const since = last ? last.finished : (pod.started ?? pod.created)
  const words = `${name} waits with ${reason || 'no reason'}${message === '' ? '' : ` (${message.slice(0, 200)})`}`
  return { pod, since, words, citation: cite(pod, [...(statusPath ?? []), 'state', 'waiting', field]) }
}

function describeUnreported(pod: Pod): Seen {
  const words = `node ${pod.node} has reported nothing of its containers`
  return { pod, since: pod.created, words, citation: cite(pod, ['spec', 'nodeName']) }
}

function describeInit(pod: Pod): Seen {
  const container = pod.containers.find(({ role, state }) => role === 'init' && state.kind === 'running') as Container
  const since = container.state.kind === 'running' ? container.state.since : undefined
  const citation = cite(pod, [...(container.statusPath ?? []), 'state', 'running', 'startedAt'])
  return { pod, since, words: `init container ${container.name} does not come to an end`, citation }
}
