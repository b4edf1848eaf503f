import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { type Finding, type Rejection, reject } from '../rule.ts'
import {
  answerableCalls,
  isStuck,
  networkSufferersOn,
  unansweredCalls,
  unansweredCallsTo,
} from './network-sufferers.ts'
import { firstSaid, lastSaid, stillHolds } from './still-holds.ts'

/** What was said about the network of a node: in its conditions and events, or by the daemons on it. */
export interface NodeFault {
  readonly node: Ref
  readonly said: readonly Said[]
}

/** Groups what means one of these by the node that it is about. Programs may log anything: only daemons are believed about their node. */
export function faultsOfNodes(incident: Incident, ...ids: readonly MessageId[]): readonly NodeFault[] {
  const groups = Map.groupBy(incident.said(...ids), (said) => nodeOf(incident, said))
  groups.delete('')
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, said]) => ({ node: { kind: 'Node', name }, said }))
}

/** The node that something was said about, or on. */
export function nodeOf(incident: Incident, { about, source }: Said): string {
  if (about.kind === 'Node') return about.name
  const pod = about.kind === 'Pod' ? incident.podOf(about) : undefined
  if (!pod || (source === 'log' && pod.workload.kind !== 'DaemonSet')) return ''
  return pod.node
}

/** What suffers on a node, or from it. */
export interface Suffering {
  /** Pods of it that do not do their work, and all who call into it, or out of it, without an answer. */
  readonly refs: readonly Ref[]
  /** Whether calls of its pods, or to its pods, get no answer: what a fault of a network looks like. */
  readonly hasCalls: boolean
}

/** Tells of each node what is wrong with it now, and rejects what was said long ago. */
export function* tellOfNodes(
  incident: Incident,
  ids: readonly MessageId[],
  tell: (node: NodeFault, suffering: Suffering) => Pick<Finding, 'kind' | 'strength' | 'says'> & Partial<Finding>,
): Generator<Finding | Rejection> {
  for (const { node, said } of faultsOfNodes(incident, ...ids)) {
    const current = said.filter((one) => stillHolds(incident, one))
    if (current.length === 0) {
      yield reject(node, 'It was said of the node, but long before the capture, and not again.')
      continue
    }
    const suffering = sufferingOf(incident, node.name)
    yield {
      subject: node,
      from: firstSaid(current),
      to: lastSaid(current),
      cites: atLeastOne(current.slice(0, 3).map(({ citation }) => citation)),
      affects: suffering.refs,
      ...tell({ node, said: current }, suffering),
    }
  }
}

/** What suffers on a node, or from it. */
export function sufferingOf(incident: Incident, node: string): Suffering {
  const pods = networkSufferersOn(incident, node)
  const callers = new Set(unansweredCalls(incident).map(({ from }) => keyOf(from)))
  const calls = unansweredCallsTo(incident, node)
  return {
    refs: uniqueRefs([...sufferersOf(incident, pods), ...calls.flatMap(({ from, to }) => [from, to])]),
    hasCalls: calls.length > 0 || pods.some(({ workload }) => callers.has(keyOf(workload))),
  }
}

/**
 * How much the words of a kernel that drops packets say: calls without an answer that somebody could give show what it comes to; pods that suffer and
 * log no such call may, and those that end by themselves do not, fail because of it.
 */
export function weighTold(incident: Incident, node: string, { refs }: Suffering): Finding['strength'] {
  if (answerableCalls(incident, node).length > 0) return 'proof'
  if (refs.length > 0) return 'strong'
  return incident.podsOn(node).some((pod) => isStuck(incident, pod)) ? 'weak' : 'proof'
}

/** `web-1, db and 3 more suffer, perhaps from it`. */
export function describeSuffering({ refs }: Suffering): string {
  if (refs.length === 0) return 'nothing on it is known to suffer'
  const names = refs.slice(0, 2).map(({ name }) => name)
  const more = refs.length > names.length ? ` and ${refs.length - names.length} more` : ''
  return `${names.join(', ')}${more} may suffer from it`
}
