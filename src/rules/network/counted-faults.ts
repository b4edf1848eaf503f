import { atLeastOne } from '../../incident/citation.ts'
import { clusterDns } from '../../incident/cluster-dns.ts'
import type { Dependency } from '../../incident/dependency.ts'
import type { Incident } from '../../incident/incident.ts'
import type { NodeKernel } from '../../incident/kernel/node.ts'
import type { LogClass } from '../../incident/logs/log-summary.ts'
import { isFailing, type Pod } from '../../incident/pod.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'
import { type Claim, type Finding, type Rejection, reject } from '../rule.ts'
import { type Grown, isAsMuch, tellGrown } from './grown.ts'
import {
  answerableCalls,
  loggedInVain,
  unansweredCalls,
  unansweredCallsFrom,
  unansweredCallsTo,
} from './network-sufferers.ts'
import { type Suffering, sufferingOf } from './node-faults.ts'

/** What a kernel or a driver counted of a node's network while the capture ran, and who suffers there. */
export interface CountedFault {
  readonly node: Ref
  readonly grown: Grown
  readonly suffering: Suffering
  /** Another node on which it grew as much and nothing suffers: then it is the reason of nothing. */
  readonly alike: Claim | undefined
  /** Whoever calls in vain on this node does so on another, where it stood still. */
  readonly elsewhere: Claim | undefined
  /** It does so on a node of which nobody knows whether it grew, or no call fails now as those do whose packets are dropped. */
  readonly isUnsure: boolean
  /** All wait for names, or call one target in vain, and from other nodes as well, where it grew too: it may be the server or the target. */
  readonly isOneTarget: boolean
  /** Nobody is ill of it, and few calls fail now. */
  readonly isFaint: boolean
}

/** How a rule reads its counter of one node; undefined where it is not known. */
export type ReadGrown = (kernel: NodeKernel) => Grown | undefined

/** What a rule makes of a counter: how it is read, and what it means where it grew. */
export interface CountedSign {
  readonly read: ReadGrown
  describe(fault: CountedFault): Finding | Rejection
}

interface Known {
  readonly node: string
  readonly grown: Grown
}

/** The nodes on which a counter grew between the samples, each held against the others that were asked. */
function countedFaults(incident: Incident, read: ReadGrown): readonly CountedFault[] {
  const known = incident.kernel.nodes.flatMap((kernel): Known[] => {
    const grown = read(kernel)
    return grown ? [{ node: kernel.node, grown }] : []
  })
  const asked = new Set(known.map(({ node }) => node))
  return known
    .filter(({ grown }) => grown.delta > 0)
    .map((one) => {
      const failing = failingElsewhere(incident, one.node)
      const calls = lostCalls(incident, one.node)
      const targets = new Set(calls.map((call) => targetOf(incident, call)))
      return {
        node: { kind: 'Node', name: one.node },
        grown: one.grown,
        suffering: sufferingOf(incident, one.node),
        alike: findAlike(incident, known, one),
        elsewhere: tellElsewhere(incident, known, failing),
        isUnsure: failing.some(({ node }) => !asked.has(node)) || calls.length === 0,
        isOneTarget: targets.size === 1 && (failing.length > 0 || targets.has('names')),
        isFaint: isFaint(incident, one.node),
      }
    })
}

function findAlike(incident: Incident, known: readonly Known[], { node, grown }: Known): Claim | undefined {
  const alike = known
    .filter((one) => one.node !== node && isAsMuch(one.grown.perSecond, grown.perSecond))
    .find((one) => sufferingOf(incident, one.node).refs.length === 0)
  return (
    alike && {
      says: `Nothing suffers on ${alike.node}, and there ${tellGrown(alike.grown)}.`,
      cites: atLeastOne(alike.grown.cites),
    }
  )
}

/** Whoever loses packets now fails now: within ten minutes even where it is started again with growing pauses (judgement; they are five at most). */
const NOW_MS = 10 * 60_000

/**
 * Calls that fail now, and of which no answer came: names that a server does not know were answered, and where no pod of a Service is ready there is
 * nobody who could.
 */
function lostCalls(incident: Incident, node: string): readonly Dependency[] {
  return answerableCalls(incident, node).filter(
    ({ last = 0, classes = [] }) => last >= incident.now - NOW_MS && classes.some((one) => LOST.includes(one)),
  )
}

/** A call or two in ten minutes fail anywhere (judgement). */
const FEW_CALLS = 5

/** Whether those who call in vain on a node, or into it, are well but for a call or two. */
function isFaint(incident: Incident, node: string): boolean {
  const callersTo = unansweredCallsTo(incident, node).flatMap(({ from }) => incident.workloadOf(from)?.pods ?? [])
  const callers = new Set(unansweredCallsFrom(incident, node).map(({ from }) => keyOf(from)))
  const own = incident.podsOn(node).filter(({ workload }) => callers.has(keyOf(workload)))
  const logged = [...new Set([...own, ...callersTo])].map((pod) => ({ pod, lines: linesNow(incident, pod) }))
  const failing = logged.filter(({ lines }) => lines > 0)
  return !failing.some(({ pod }) => isFailing(pod)) && failing.reduce((sum, { lines }) => sum + lines, 0) < FEW_CALLS
}

function linesNow(incident: Incident, pod: Pod): number {
  const now = loggedInVain(incident, pod).filter(({ last }) => last >= incident.now - NOW_MS)
  return now.reduce((sum, { count }) => sum + count, 0)
}

const LOST: readonly LogClass[] = ['timeout', 'no-route']

/** Pods of other nodes that log calls in vain to a target to which calls of this node get no answer; what they call on this node may fail because of it. */
function failingElsewhere(incident: Incident, node: string): readonly Pod[] {
  const here = new Set(unansweredCallsTo(incident, node))
  const isOfOthers = (call: Dependency): boolean =>
    !here.has(call) && !(isLookup(incident, call) && servesNames(incident, node))
  const targets = new Set(
    unansweredCallsFrom(incident, node)
      .filter(isOfOthers)
      .map((call) => targetOf(incident, call)),
  )
  const calls = unansweredCalls(incident).filter((call) => isOfOthers(call) && targets.has(targetOf(incident, call)))
  const callers = new Set(calls.map(({ from }) => keyOf(from)))
  return incident.pods.filter(
    (pod) => pod.node !== node && callers.has(keyOf(pod.workload)) && loggedInVain(incident, pod).length > 0,
  )
}

/** Whoever waits for a name waits for the name server, whatever it wants to call. */
function targetOf(incident: Incident, call: Dependency): string {
  return isLookup(incident, call) ? 'names' : keyOf(call.to)
}

/** A caller whose lookups fail says of some of its calls only that no answer came in time. */
function isLookup(incident: Incident, { from }: Dependency): boolean {
  return unansweredCalls(incident).some(
    (one) => keyOf(one.from) === keyOf(from) && one.classes?.includes('dns-failure') === true,
  )
}

function servesNames(incident: Incident, node: string): boolean {
  return clusterDns(incident).pods.some((pod) => pod.node === node)
}

function tellElsewhere(incident: Incident, known: readonly Known[], failing: readonly Pod[]): Claim | undefined {
  const still = new Set(known.filter(({ grown }) => grown.delta === 0).map(({ node }) => node))
  const pod = failing.find((one) => still.has(one.node))
  const says = `${pod?.ref.name} calls in vain as well, on ${pod?.node}, where it did not grow.`
  const [logged] = pod ? loggedInVain(incident, pod) : []
  return logged && { says, cites: [logged.citation] }
}

/**
 * Joins what was said of nodes and what was counted there: a node that both tell of has one finding; one that was told of and whose counter stood
 * still has that against it.
 */
export function* joinCounted(
  incident: Incident,
  told: Iterable<Finding | Rejection>,
  { read, describe }: CountedSign,
): Generator<Finding | Rejection> {
  const counted = new Map(countedFaults(incident, read).map((fault) => [fault.node.name, describe(fault)]))
  for (const one of told) {
    const own = counted.get(one.subject.name)
    counted.delete(one.subject.name)
    if (own === undefined) yield one.kind === 'rejected' ? one : holdAgainst(incident, one, read)
    else if (one.kind === 'rejected') yield own
    else yield own.kind === 'rejected' ? one : join(one, own)
  }
  yield* counted.values()
}

const STRENGTHS = ['proof', 'strong', 'weak'] as const

/** What was counted stands first; the stronger of both speaks. */
function join(told: Finding, counted: Finding): Finding {
  const isStronger = STRENGTHS.indexOf(told.strength) < STRENGTHS.indexOf(counted.strength)
  const against = [...(told.against ?? []), ...(counted.against ?? [])]
  return {
    ...(isStronger ? told : counted),
    from: told.from,
    to: told.to,
    cites: atLeastOne([...counted.cites.slice(0, 2), ...told.cites]),
    ...(against.length > 0 ? { against } : {}),
  }
}

function holdAgainst(incident: Incident, told: Finding, read: ReadGrown): Finding {
  const kernel = told.subject.kind === 'Node' ? incident.kernel.of(told.subject.name) : undefined
  const grown = kernel && read(kernel)
  if (!grown || grown.delta > 0) return told
  const claim = { says: `While the capture ran, ${tellGrown(grown)}.`, cites: atLeastOne(grown.cites) }
  return { ...told, against: [...(told.against ?? []), claim] }
}

/**
 * What packets come to that are dropped now: the cause where calls get no answer, from so many packets on; where these were fewer, where others call in
 * vain on nodes that drop none, or where pods are only not well, it may be; where nobody suffers, or others do not with as much, a risk.
 */
export function weighCounted(fault: CountedFault, enough: number): Pick<Finding, 'kind' | 'strength' | 'against'> {
  const { grown, suffering, alike, elsewhere } = fault
  const against = [alike, elsewhere].filter((claim) => claim !== undefined)
  const said = against.length > 0 ? { against } : {}
  if (suffering.refs.length === 0 || alike)
    return { kind: 'risk', strength: grown.delta < enough ? 'weak' : 'strong', ...said }
  return { kind: 'cause', strength: grown.delta < enough ? 'weak' : strengthOf(fault), ...said }
}

function strengthOf({ suffering, elsewhere, isUnsure, isFaint, isOneTarget }: CountedFault): Finding['strength'] {
  if (!suffering.hasCalls || elsewhere || isUnsure || isFaint) return 'weak'
  return isOneTarget ? 'strong' : 'proof'
}

/** A counter that grew, and means nothing. */
export function rejectGrown({ node, grown }: CountedFault, why: string): Rejection {
  return reject(node, `Its ${tellGrown(grown)}: ${why}.`)
}
