import { LONGEST_BACK_OFF, LOOP_WINDOW } from './back-off.ts'
import { type Citation, cite } from './citation.ts'
import type { Container, Terminated } from './container.ts'
import type { Incident } from './incident.ts'
import { numberAt, textAt } from './kubernetes.ts'
import { RECENT } from './lately.ts'
import type { Pod } from './pod.ts'
import { keyOf, type Ref } from './reference.ts'
import { succeededSince } from './succeeded-since.ts'
import { earliest } from './telling.ts'
import { unreadySince } from './unready-since.ts'

/** A container that ends again and again now, or whose end made its pod fail lately. */
export interface Crash {
  readonly pod: Pod
  readonly container: Container
  /** The last end; undefined where the kubelet does not tell it. */
  readonly end: Terminated | undefined
  /** The earliest trace of it: an event, the end, or when the pod was no longer ready. */
  readonly since: number | undefined
  /** Where the end is told, or the waiting. */
  readonly citation: Citation
}

/** The crashes of one workload. */
export interface CrashGroup {
  readonly workload: Ref
  readonly crashes: readonly Crash[]
}

/** Everything that crashes now, by workload. */
export function findCrashes(incident: Incident): readonly CrashGroup[] {
  const crashes = incident.pods.flatMap((pod) => crashesOf(incident, pod))
  const groups = Map.groupBy(crashes, ({ pod }) => keyOf(pod.workload))
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, members]) => ({ workload: (members[0] as Crash).pod.workload, crashes: members }))
}

/** The containers of a pod that crash now. */
export function crashesOf(incident: Incident, pod: Pod): readonly Crash[] {
  if (pod.deleted !== undefined || pod.reason !== '') return []
  return pod.containers.flatMap((container) => {
    const place = crashPlace(incident, pod, container)
    return place === undefined ? [] : [describe(incident, pod, container, place)]
  })
}

type Place = 'state' | 'lastState'

/** Where the end of a crashing container is told; undefined for one that does not crash. */
function crashPlace(incident: Incident, pod: Pod, container: Container): Place | undefined {
  const { role, state, statusPath } = container
  if (role === 'ephemeral' || !statusPath) return undefined
  if (state.kind === 'waiting' && state.reason === 'CrashLoopBackOff') return 'lastState'
  if (state.kind === 'terminated' && hasFailed(incident, pod, container, state)) return 'state'
  if (state.kind === 'running' && isBetweenCrashes(incident, container, state.since)) return 'lastState'
  return undefined
}

function hasFailed(incident: Incident, pod: Pod, { role, restarts }: Container, end: Terminated): boolean {
  const code = end.exitCode ?? 0
  const policy = textAt(pod.json, 'spec', 'restartPolicy') || 'Always'
  if (pod.phase === 'Failed')
    return code !== 0 && incident.now - (end.finished ?? 0) < RECENT && !wasRepeated(incident, pod, end)
  if (code !== 0) return policy === 'Never' || restarts > 0
  return policy === 'Always' && role !== 'init' && restarts >= 2
}

/** Whether the Job or CronJob of a failed pod has succeeded since. */
function wasRepeated(incident: Incident, pod: Pod, end: Terminated): boolean {
  if (succeededSince(incident, pod.ref, end.finished ?? 0) !== undefined) return true
  const { ownerRef: owner } = pod
  if (owner?.kind !== 'Job') return false
  const json = incident.find(owner.kind, owner.namespace, owner.name)?.json
  return (numberAt(json, 'status', 'succeeded') ?? 0) > 0
}

/** A container that runs at this moment, between two short lives. */
function isBetweenCrashes(incident: Incident, container: Container, since: number | undefined): boolean {
  const { last, restarts, role } = container
  if (!last || restarts < 2 || role === 'init' || hasLeftLoop(incident, container)) return false
  const { started = 0, finished = 0 } = last
  const { now } = incident
  return now - (since ?? 0) < LOOP_WINDOW && finished - started < LOOP_WINDOW && now - finished < LOOP_WINDOW
}

/**
 * Whether a program that ended by itself has run well for so much longer than before that it is out of its loop: what it waited for is there.
 * More is asked than of a new pod (`isStillSick`), because it takes away that a crash is going on: the run must be longer than any silence of the loop.
 */
export function hasLeftLoop({ now }: Incident, { last, state, ready }: Container): boolean {
  if (!ready || state.kind !== 'running' || state.since === undefined) return false
  if (last?.started === undefined || last.finished === undefined || wasKilled(last)) return false
  return now - state.since > Math.max(LONGEST_BACK_OFF, LIVES * (last.finished - last.started))
}

/** By the kernel or the kubelet: it is killed again when the load comes back. */
function wasKilled({ reason, exitCode }: Terminated): boolean {
  return reason === 'OOMKilled' || exitCode === 137 || exitCode === 143
}

/** A life that is so many times as long as the one before, and goes on, is not one of a loop (judgement). */
const LIVES = 3

function describe(incident: Incident, pod: Pod, container: Container, place: Place): Crash {
  const { state, last } = container
  const end = place === 'state' && state.kind === 'terminated' ? state : last
  return {
    pod,
    container,
    end,
    since: sinceOf(incident, pod, container, end),
    citation: citeEnd(pod, container, place, end),
  }
}

/** Cites the exit code, or the reason where it says more than that; without an end, why the container waits. */
function citeEnd(pod: Pod, { statusPath = [] }: Container, place: Place, end: Terminated | undefined): Citation {
  if (!end) return cite(pod, [...statusPath, 'state', 'waiting', 'reason'])
  const says = end.reason !== '' && end.reason !== 'Error' ? 'reason' : 'exitCode'
  return cite(pod, [...statusPath, place, 'terminated', says])
}

function sinceOf(incident: Incident, pod: Pod, container: Container, end: Terminated | undefined): number | undefined {
  const unready = isWhyUnready(pod, container, end) ? unreadySince(pod) : undefined
  const said = incident
    .saidAbout({ ...pod.ref, container: container.name })
    .filter(({ id }) => id === 'crash-loop' || id === 'liveness-kill')
    .map(({ first }) => first)
  return earliest([unready, end?.finished, ...said])
}

/** That a pod is not ready tells of this container where all others are, and where it has not run for long in between. */
function isWhyUnready(pod: Pod, container: Container, end: Terminated | undefined): boolean {
  const { finished = 0, started = finished } = end ?? {}
  const isAlone = pod.containers.every((one) => one === container || one.role === 'init' || one.ready)
  return isAlone && finished - started < LOOP_WINDOW
}
