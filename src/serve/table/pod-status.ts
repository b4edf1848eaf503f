import { at, condition, flag, isSet, isTerminating, isTrue, type KubeObject, list, number, text } from './access.ts'
import { age, instant } from './age.ts'

/** What `kubectl get pods` says in its columns Ready, Status and Restarts. */
export interface PodStatus {
  readonly ready: string
  readonly status: string
  readonly restarts: string
}

/** Reads a pod's status as the API server's printer does: init containers in their order, then the others from the last to the first. */
export function describePod(pod: KubeObject, now: Date): PodStatus {
  const sidecars = sidecarsOf(pod)
  const start = readInitContainers(pod, sidecars)
  const runs = start.status === undefined || isTrue(pod, 'Initialized')
  const rest = runs ? readContainers(pod, start.status ?? statusOf(pod)) : { ready: 0, status: start.status ?? '' }
  const restarted = runs ? keptRunning(pod, start.seen, sidecars) : start.seen
  const total = list(pod, 'spec', 'containers').length + sidecars.size
  return {
    ready: `${start.ready + rest.ready}/${total}`,
    status: statusOfDeletion(pod) ?? rest.status,
    restarts: describeRestarts(restarted, now),
  }
}

interface Start {
  readonly ready: number
  readonly seen: readonly unknown[]
  readonly status?: string
}

/** Init containers that keep running beside the others: those that restart always. */
function sidecarsOf(pod: KubeObject): ReadonlySet<string> {
  const restarting = list(pod, 'spec', 'initContainers').filter((one) => text(one, 'restartPolicy') === 'Always')
  return new Set(restarting.map((container) => text(container, 'name')))
}

/** How far the start came: the init containers up to the first that is not done, and the status that names it. */
function readInitContainers(pod: KubeObject, sidecars: ReadonlySet<string>): Start {
  const containers = list(pod, 'status', 'initContainerStatuses')
  const isRunning = (one: unknown) => sidecars.has(text(one, 'name')) && flag(one, 'started')
  const stuck = containers.findIndex((one) => !hasSucceeded(one) && !isRunning(one))
  const passed = stuck < 0 ? containers : containers.slice(0, stuck)
  const ready = passed.filter((one) => !hasSucceeded(one) && flag(one, 'ready')).length
  if (stuck < 0) return { ready, seen: containers }
  const progress = `${stuck}/${list(pod, 'spec', 'initContainers').length}`
  return { ready, seen: containers.slice(0, stuck + 1), status: describeInit(containers[stuck], progress) }
}

function hasSucceeded(container: unknown): boolean {
  return isSet(container, 'state', 'terminated') && number(container, 'state', 'terminated', 'exitCode') === 0
}

function describeInit(container: unknown, progress: string): string {
  const terminated = describeTermination(container)
  if (terminated !== undefined) return `Init:${terminated}`
  const waiting = text(container, 'state', 'waiting', 'reason')
  return `Init:${waiting === '' || waiting === 'PodInitializing' ? progress : waiting}`
}

/** The reason of the first container that waits or ended; `Completed` gives way to what still runs. */
function readContainers(pod: KubeObject, before: string): { ready: number; status: string } {
  let status = before
  let ready = 0
  for (const container of list(pod, 'status', 'containerStatuses').toReversed()) {
    const reason = text(container, 'state', 'waiting', 'reason') || describeTermination(container)
    if (reason) status = reason
    else if (flag(container, 'ready') && isSet(container, 'state', 'running')) ready++
  }
  if (status !== 'Completed' || ready === 0) return { ready, status }
  return { ready, status: isReady(pod) ? 'Running' : 'NotReady' }
}

function describeTermination(container: unknown): string | undefined {
  const terminated = at(container, 'state', 'terminated')
  if (terminated === undefined) return undefined
  const signal = number(terminated, 'signal')
  return (
    text(terminated, 'reason') || (signal === 0 ? `ExitCode:${number(terminated, 'exitCode')}` : `Signal:${signal}`)
  )
}

function isReady(pod: KubeObject): boolean {
  const ready = (one: unknown) => text(one, 'type') === 'Ready' && text(one, 'status') === 'True'
  return list(pod, 'status', 'conditions').some(ready)
}

/** What the pod as a whole says of itself. */
function statusOf(pod: KubeObject): string {
  const gated = list(pod, 'status', 'conditions').some(
    (one) => text(one, 'type') === 'PodScheduled' && text(one, 'reason') === 'SchedulingGated',
  )
  return gated ? 'SchedulingGated' : text(pod, 'status', 'reason') || text(pod, 'status', 'phase')
}

/** `NodeLost` is the reason that the node controller gives pods of a node that it cannot reach (pkg/util/node). */
function statusOfDeletion(pod: KubeObject): string | undefined {
  if (!isTerminating(pod)) return undefined
  if (text(pod, 'status', 'reason') === 'NodeLost') return 'Unknown'
  return ['Succeeded', 'Failed'].includes(text(pod, 'status', 'phase')) ? undefined : 'Terminating'
}

/** Once the pod runs, only restarts of what keeps running count. */
function keptRunning(pod: KubeObject, init: readonly unknown[], sidecars: ReadonlySet<string>): readonly unknown[] {
  const beside = init.filter((container) => sidecars.has(text(container, 'name')))
  return [...beside, ...list(pod, 'status', 'containerStatuses')]
}

function describeRestarts(containers: readonly unknown[], now: Date): string {
  const count = containers.reduce<number>((total, container) => total + number(container, 'restartCount'), 0)
  const ends = containers.map((container) => text(container, 'lastState', 'terminated', 'finishedAt'))
  const last = ends.reduce((latest, end) => ((instant(end) ?? 0) > (instant(latest) ?? 0) ? end : latest), '')
  return count === 0 || last === '' ? `${count}` : `${count} (${age(last, now)} ago)`
}

/** How many of the pod's readiness gates are open. */
export function describeGates(pod: KubeObject): string {
  const gates = list(pod, 'spec', 'readinessGates')
  const open = gates.filter((gate) => text(condition(pod, text(gate, 'conditionType')), 'status') === 'True')
  return gates.length === 0 ? '<none>' : `${open.length}/${gates.length}`
}
