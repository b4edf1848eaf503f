import { atLeastOne } from '../../incident/citation.ts'
import { citeReading, type Reading } from '../../incident/counters/reading.ts'
import { throttlingNow } from '../../incident/counters/throttling.ts'
import type { Dependency } from '../../incident/dependency.ts'
import { callsTo } from '../../incident/endpoints.ts'
import type { Incident } from '../../incident/incident.ts'
import type { NodeKernel, Tracked } from '../../incident/kernel/node.ts'
import { isFailing, isOnHostNetwork, type Pod } from '../../incident/pod.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { sufferersOfWorkload } from '../../incident/sufferers-of-workload.ts'
import { earliest, tellNames } from '../../incident/telling.ts'
import { type Finding, type Rejection, reject } from '../rule.ts'
import { addGrowth, type Grown, tellGrown } from './grown.ts'
import { endsByItself, unansweredCalls } from './network-sufferers.ts'

/** New connections that the kernel turned away while the capture ran, because a program did not accept them. */
interface TurnedAway {
  readonly workload: Ref
  readonly pod: Pod
  readonly grown: Grown
  /** How long the queue of any program on the node's own network may be, where it is of that. */
  readonly longest?: Reading | undefined
}

/** Connections a second that nobody accepts: more is worth a word by itself (judgement, of kubernetes alerts: 5 a second for two minutes). */
const NOTABLE = 5

/** Where callers wait, fewer are felt: each is tried again after a second, and then after three (Linux, TCP_TIMEOUT_INIT). */
const FEW = 10

/** Tells of the programs whose queue of new connections was full between the samples: those of pods with a network of their own by name. */
export function* turnedAway(incident: Incident): Generator<Finding | Rejection> {
  for (const same of Map.groupBy(findTurnedAway(incident), ({ workload }) => keyOf(workload)).values()) {
    const [most] = [...same].sort((a, b) => b.grown.delta - a.grown.delta)
    if (most) yield describe(incident, most)
  }
}

function findTurnedAway(incident: Incident): readonly TurnedAway[] {
  return incident.kernel.nodes.flatMap((kernel) => [...ofPods(incident, kernel), ...ofHost(incident, kernel)])
}

function ofPods(incident: Incident, kernel: NodeKernel): readonly TurnedAway[] {
  return incident
    .podsOn(kernel.node)
    .filter((pod) => !isOnHostNetwork(pod))
    .flatMap((pod) => read(pod, (counter) => kernel.tcpOfPod(pod.uid, counter)))
}

/** What the node's own namespace counts is of a pod of the host's network where callers name just one of these. */
function ofHost(incident: Incident, kernel: NodeKernel): readonly TurnedAway[] {
  const called = incident
    .podsOn(kernel.node)
    .filter((pod) => isOnHostNetwork(pod) && waitingFor(incident, pod).length > 0)
  const [pod, ...others] = called
  const longest = kernel.setting('core/somaxconn')
  return pod && others.length === 0 ? read(pod, kernel.tcp).map((one) => ({ ...one, longest })) : []
}

/** Overflows alone: connections are dropped for other reasons too. */
function read(pod: Pod, counter: (name: 'TcpExt.ListenOverflows') => Tracked | undefined): readonly TurnedAway[] {
  const grown = addGrowth('TcpExtListenOverflows', [counter('TcpExt.ListenOverflows')])
  return grown && grown.delta > 0 ? [{ workload: pod.workload, pod, grown }] : []
}

/** Calls to Services of a pod that wait too long. */
function waitingFor(incident: Incident, pod: Pod): readonly Dependency[] {
  const unanswered = new Set(unansweredCalls(incident))
  return callsTo(incident, [pod]).filter((one) => unanswered.has(one) && one.classes?.includes('timeout') === true)
}

function describe(incident: Incident, { workload, pod, grown, longest }: TurnedAway): Finding | Rejection {
  const waiting = waitingFor(incident, pod)
  const isFelt = waiting.length > 0 && grown.delta >= FEW
  if (!isFelt && grown.perSecond < NOTABLE)
    return reject(workload, `Of ${pod.ref.name}, ${tellGrown(grown)}: a burst that callers get over.`)
  const reason = reasonOf(incident, pod)
  return {
    kind: isFelt ? (reason === '' ? 'cause' : 'amplifier') : 'risk',
    subject: workload,
    strength: isFelt && (grown.perSecond >= NOTABLE || isAnyFailing(incident, waiting)) ? 'strong' : 'weak',
    from: earliest(waiting.map(({ first }) => first)),
    says: `${workload.name} takes new connections too slowly, and the kernel turns others away: of ${pod.ref.name}, ${tellGrown(grown)}${tellLongest(longest)}${reason}${tellWaiting(waiting)}.`,
    cites: atLeastOne([
      ...grown.cites,
      ...(longest ? [citeReading(longest)] : []),
      ...waiting.slice(0, 1).flatMap(({ cites }) => cites[0]),
    ]),
    affects: uniqueRefs([...sufferersOfWorkload(incident, workload), ...waiting.map(({ from }) => from)]),
  }
}

/** A caller that is not well: few connections turned away were enough for it. */
function isAnyFailing(incident: Incident, waiting: readonly Dependency[]): boolean {
  return waiting.some(({ from }) => incident.workloadOf(from)?.pods.some(isFailing) === true)
}

/** From this share of held up periods on work waits (kubernetes-mixin, CPUThrottlingHigh). */
const THROTTLED = 0.25

/** Why it may be slow to accept: then that is the cause, and the full queue is how callers feel it. */
function reasonOf(incident: Incident, pod: Pod): string {
  const throttled = pod.containers.some(
    ({ name }) => (throttlingNow(incident.counters, pod.ref, name)?.share ?? 0) >= THROTTLED,
  )
  if (throttled) return ', while its CPU limit holds it up'
  if (endsByItself(pod)) return ', while it ends by itself again and again'
  const own = incident.dependencies.find(({ from, failing }) => failing && keyOf(from) === keyOf(pod.workload))
  return own ? `, while its own calls to ${own.to.name} fail` : ''
}

function tellLongest(longest: Reading | undefined): string {
  return longest ? `, where net.core.somaxconn is ${longest.value}` : ''
}

function tellWaiting(waiting: readonly Dependency[]): string {
  return waiting.length === 0 ? '' : `; calls of ${tellNames(waiting.map(({ from }) => from.name))} get no answer`
}
