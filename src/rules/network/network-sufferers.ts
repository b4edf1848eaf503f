import { type Citation, citeLine } from '../../incident/citation.ts'
import type { Dependency } from '../../incident/dependency.ts'
import type { Incident } from '../../incident/incident.ts'
import type { LogClass } from '../../incident/logs/log-summary.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import { isFailing, type Pod } from '../../incident/pod.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'

/** A pod that was made this lately is only starting. */
const STARTING_MS = 60_000

/** Calls that failed last longer ago than this are over: who still calls fails again within minutes. */
const OVER_MS = 30 * 60_000

/** How a call ends whose packets vanish; who refuses or resets it was reached. */
const VANISHED: readonly LogClass[] = ['timeout', 'no-route', 'dns-failure']

/** Pods of a node that do not do their work, or whose workload logs calls that nobody answers: who may suffer from its network. */
export function networkSufferersOn(incident: Incident, node: string): readonly Pod[] {
  const callers = new Set(unansweredCalls(incident).map(({ from }) => keyOf(from)))
  return incident
    .podsOn(node)
    .filter((pod) => (isStuck(incident, pod) && !failsByItself(incident, pod)) || callers.has(keyOf(pod.workload)))
}

/** Pods of a node whose workload logs calls that nobody answers. */
export function unansweredCallersOn(incident: Incident, node: string): readonly Pod[] {
  const callers = new Set(unansweredCalls(incident).map(({ from }) => keyOf(from)))
  return incident.podsOn(node).filter((pod) => callers.has(keyOf(pod.workload)))
}

/** Calls that fail of late as they do where packets vanish. */
export function unansweredCalls(incident: Incident): readonly Dependency[] {
  return incident.dependencies.filter(
    ({ failing, classes = [], last = incident.now }) =>
      failing && last >= incident.now - OVER_MS && isVanishing(classes),
  )
}

/** Calls that nobody answers to Services with a pod on the node: the callers may be anywhere. */
export function unansweredCallsTo(incident: Incident, node: string): readonly Dependency[] {
  const served = incident.services.filter(({ pods }) => pods.some((pod) => pod.node === node))
  const names = new Set(served.map(({ object }) => keyOf(object.ref)))
  return unansweredCalls(incident).filter(({ to }) => names.has(keyOf(to)))
}

/** Calls that nobody answers of workloads with a pod on the node. */
export function unansweredCallsFrom(incident: Incident, node: string): readonly Dependency[] {
  const here = new Set(incident.podsOn(node).map(({ workload }) => keyOf(workload)))
  return unansweredCalls(incident).filter(({ from }) => here.has(keyOf(from)))
}

/** Of calls that nobody answers of workloads with a pod on the node, or to one, those that somebody could answer: to a Service without a ready pod nobody can. */
export function answerableCalls(incident: Incident, node: string): readonly Dependency[] {
  const calls = [...unansweredCallsFrom(incident, node), ...unansweredCallsTo(incident, node)]
  return calls.filter(({ to }) => !isUnserved(incident, to))
}

/** Whether it is a Service whose endpoints are known, and none of them ready. */
export function isUnserved({ services }: Incident, to: Ref): boolean {
  const service = services.find(({ object }) => keyOf(object.ref) === keyOf(to))
  return service !== undefined && service.endpoints.length > 0 && !service.endpoints.some(({ ready }) => ready)
}

/** A line that tells of calls without an answer, and how often it was logged. */
export interface LoggedInVain {
  readonly count: number
  readonly last: number
  readonly citation: Citation
}

/** What a pod's own log tells of calls without an answer, of late. */
export function loggedInVain(incident: Incident, { ref }: Pod): readonly LoggedInVain[] {
  return incident.logsOf(ref).flatMap(({ summary }) =>
    summary.templates
      .filter(({ classes }) => isVanishing(classes))
      .map(({ count, last = 0, example }) => ({
        count,
        last,
        citation: citeLine(summary.path, example.line, example.text),
      }))
      .filter(({ last }) => last >= incident.now - OVER_MS),
  )
}

/** What a pod itself logs of calls that nobody answers: which targets it names, and where. */
export function unansweredCallsOf(incident: Incident, { ref }: Pod): readonly { target: string; citation: Citation }[] {
  return incident
    .logsOf(ref)
    .flatMap(({ summary: { path, templates } }) =>
      templates
        .filter(({ classes, last }) => isVanishing(classes) && (last ?? incident.now) >= incident.now - OVER_MS)
        .flatMap(({ targets, example }) =>
          targets.map((target) => ({ target, citation: citeLine(path, example.line, example.text) })),
        ),
    )
}

function isVanishing(classes: readonly LogClass[]): boolean {
  return classes.some((one) => VANISHED.includes(one))
}

/** Whether a pod fails for longer than it needs to start. */
export function isStuck(incident: Incident, pod: Pod): boolean {
  return isFailing(pod) && incident.now - (pod.created ?? 0) > STARTING_MS
}

/** What keeps a pod from its work on any network. */
const OWN_FAULTS: readonly MessageId[] = ['image-not-found', 'invalid-image-name', 'image-never-pulled']
const OWN_REASONS: readonly string[] = [
  'CreateContainerConfigError',
  'CreateContainerError',
  'InvalidImageName',
  'ErrImageNeverPull',
  'OOMKilled',
]

function failsByItself(incident: Incident, pod: Pod): boolean {
  const reasons = pod.containers.flatMap(({ state, last }) => [
    'reason' in state ? state.reason : '',
    last?.reason ?? '',
  ])
  return (
    reasons.some((reason) => OWN_REASONS.includes(reason)) ||
    incident.saidAbout(pod.ref).some(({ id }) => OWN_FAULTS.includes(id)) ||
    endsWithoutCalls(incident, pod)
  )
}

/** How calls fail, whoever is to blame. */
const CALLS: readonly LogClass[] = [...VANISHED, 'connection-refused', 'connection-reset', 'unavailable', 'tls-failure']

/** Signals of the kubelet, which ends what does not answer its probes (128 + SIGKILL, SIGTERM). */
const ENDED_BY_OTHERS: readonly number[] = [0, 137, 143]

/** Whether a program of the pod has ended itself with an error, and does not run. */
export function endsByItself({ containers }: Pod): boolean {
  return containers.some(
    ({ state, last }) =>
      state.kind !== 'running' && last !== undefined && !ENDED_BY_OTHERS.includes(last.exitCode ?? 0),
  )
}

/** A program that ends itself with an error, and whose log tells of no call that failed. */
function endsWithoutCalls(incident: Incident, pod: Pod): boolean {
  const templates = incident.logsOf(pod.ref).flatMap(({ summary }) => summary.templates)
  const isCalling = templates.some(({ classes }) => classes.some((one) => CALLS.includes(one)))
  return endsByItself(pod) && templates.length > 0 && !isCalling
}
