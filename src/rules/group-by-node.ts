import { atLeastOne, type Citation } from '../incident/citation.ts'
import type { Incident } from '../incident/incident.ts'
import type { MessageId } from '../incident/messages/index.ts'
import type { Node } from '../incident/node.ts'
import type { Pod } from '../incident/pod.ts'
import type { Ref } from '../incident/reference.ts'
import type { Said } from '../incident/statement.ts'
import { earliest, latest } from '../incident/telling.ts'
import { nodeNotBefore } from './not-before.ts'
import { firstOf, isCurrent, isStillSaid, lastOf } from './recency.ts'
import type { Finding } from './rule.ts'
import { mayComeOf, sufferersOn } from './suffering.ts'

/** What was said within the hour of one node: of the node itself, or of pods on it. */
export interface NodeGroup {
  readonly ref: Ref
  /** Undefined where the node is gone. */
  readonly node: Node | undefined
  readonly said: readonly Said[]
}

/** Groups what means one of these by the node that it was said of or on, in the order of nodes. */
export function groupByNode(incident: Incident, ...ids: readonly MessageId[]): readonly NodeGroup[] {
  const current = incident.said(...ids).filter((one) => isCurrent(incident, one))
  const groups = Map.groupBy(current, (one) => nodeOf(incident, one))
  groups.delete('')
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, said]) => ({ ref: { kind: 'Node', name }, node: incident.nodeOf(name), said }))
}

/** Programs log whatever they like; only the daemons of a node are believed about it. The kubelet's events name their node even of pods that are gone. */
function nodeOf(incident: Incident, said: Said): string {
  const { about, source } = said
  if (about.kind === 'Node') return about.name
  const pod = about.kind === 'Pod' ? incident.podOf(about) : undefined
  if (source === 'log') return pod?.workload.kind === 'DaemonSet' ? pod.node : ''
  return hostOf(incident, said) || (pod?.node ?? '')
}

function hostOf(incident: Incident, { about, source, text }: Said): string {
  if (source !== 'event' || about.kind !== 'Pod') return ''
  const event = incident
    .eventsAbout(about)
    .find(({ message, component }) => message === text && component === 'kubelet')
  return event?.host ?? ''
}

/** What was said last, or is still true: of an event the words that do not change. */
export function isOngoing(incident: Incident, { said }: NodeGroup): boolean {
  return said.some((one) => isStillSaid(incident, one))
}

/** The pods on the node that suffer, and whose trouble is as old as what was said of the node. */
export function sufferersOfGroup(incident: Incident, group: NodeGroup): readonly Pod[] {
  const first = earliest(group.said.map((one) => firstOf(incident, one)))
  const until = isOngoing(incident, group) ? undefined : latest(group.said.map((one) => lastOf(incident, one)))
  return sufferersOn(incident, group.ref.name).filter((pod) => mayComeOf(pod, first, until))
}

/** What was read beside what was said of a node, to be cited behind it. */
interface Beside {
  readonly beside?: readonly Citation[] | undefined
}

/** A finding about a node: what was said is its evidence, with what was read beside it, and the pods suffer from it. */
export function findingOf(
  incident: Incident,
  { ref, said }: Pick<NodeGroup, 'ref' | 'said'>,
  sufferers: readonly Pod[],
  { beside = [], ...rest }: Pick<Finding, 'kind' | 'strength' | 'says'> & Partial<Finding> & Beside,
): Finding {
  return {
    subject: ref,
    from: earliest(said.map((one) => firstOf(incident, one))),
    to: latest(said.map((one) => lastOf(incident, one))),
    affects: sufferers.map((pod) => pod.ref),
    ...rest,
    cites: rest.cites ?? atLeastOne([...said.slice(0, MOST_CITED).map(({ citation }) => citation), ...beside]),
  }
}

/** A finding about the state that a node is in since some time, of which all that suffers on it may come. */
export function findingOfState(
  incident: Incident,
  { ref }: Node,
  since: number | undefined,
  rest: Pick<Finding, 'says' | 'cites'>,
): Finding {
  return {
    kind: 'cause',
    subject: ref,
    strength: 'strong',
    from: since,
    notBefore: nodeNotBefore(incident, ref.name, since),
    affects: sufferersOn(incident, ref.name).map((pod) => pod.ref),
    ...rest,
  }
}

/** Places that one finding cites at most of what was said. */
const MOST_CITED = 3
