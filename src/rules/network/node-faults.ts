import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import type { Ref } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { type Finding, type Rejection, reject } from '../rule.ts'
import { endOf, isCurrent, onsetOf } from './current.ts'
import { sufferersOn, withWorkloads } from './suffering.ts'

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

/** Tells of each node what is wrong with it now, and rejects what was said long ago. */
export function* tellOfNodes(
  incident: Incident,
  ids: readonly MessageId[],
  tell: (name: string, said: readonly Said[], hasSufferers: boolean) => Pick<Finding, 'kind' | 'strength' | 'says'>,
): Generator<Finding | Rejection> {
  for (const { node, said } of faultsOfNodes(incident, ...ids)) {
    const current = said.filter((one) => isCurrent(incident, one))
    if (current.length === 0) {
      yield reject(node, 'It was said of the node, but long before the capture, and not again.')
      continue
    }
    const sufferers = sufferersOn(incident, node.name)
    yield {
      subject: node,
      from: onsetOf(current),
      to: endOf(current),
      cites: atLeastOne(current.slice(0, 3).map(({ citation }) => citation)),
      affects: withWorkloads(sufferers),
      ...tell(node.name, current, sufferers.length > 0),
    }
  }
}
