import { atLeastOne, type Citation } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import type { Pod } from '../../incident/pod.ts'
import { CLUSTER, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { earliest } from '../../incident/telling.ts'
import type { Finding } from '../rule.ts'
import { networkAgents } from './agents.ts'
import type { CountedShortage } from './counted-addresses.ts'
import { nodeOf } from './node-faults.ts'
import { firstSaid, lastSaid, stillHolds } from './still-holds.ts'
import { unnetworkedPods } from './unnetworked.ts'

/** Whoever tells of a shortage of addresses, and the pods that wait for one. */
export interface Shortage {
  readonly said: readonly Said[]
  readonly pods: readonly Pod[]
  readonly nodes: readonly string[]
}

/** Collects what the plugin, its agent and the cloud say now with one of these meanings. */
export function shortageOf(incident: Incident, ...ids: readonly MessageId[]): Shortage {
  const waiting = unnetworkedPods(incident, ...ids)
  const byOthers = incident
    .said(...ids)
    .filter(
      (said) =>
        stillHolds(incident, said) && (said.source === 'log' ? isOfAgent(incident, said) : said.about.kind !== 'Pod'),
    )
  const said = [...waiting.flatMap((one) => one.said), ...byOthers]
  const nodes = [...waiting.map(({ pod }) => pod.node), ...byOthers.map((one) => nodeOf(incident, one))]
  return {
    said,
    pods: waiting.map(({ pod }) => pod),
    nodes: [...new Set(nodes)].filter((name) => name !== '').sort(),
  }
}

/** Adds what agents count to what was said: more nodes, more pods. */
export function withCounted(shortage: Shortage, counted: readonly CountedShortage[]): Shortage {
  return {
    said: shortage.said,
    pods: [...new Set([...shortage.pods, ...counted.flatMap(({ pods }) => pods)])],
    nodes: [...new Set([...shortage.nodes, ...counted.map(({ node }) => node)])].sort(),
  }
}

/** Any program may log such words; of the agent and of controllers of the cloud they are about the cluster. */
function isOfAgent(incident: Incident, { about }: Said): boolean {
  const top = incident.topOf(about)
  return top.kind === 'DaemonSet'
    ? networkAgents(incident).some(({ ref }) => ref.name === top.name)
    : about.namespace === 'kube-system'
}

/** The agent's DaemonSet where it is known: its settings are what can be changed at once. */
export function agentOf(incident: Incident): Ref {
  return networkAgents(incident)[0]?.ref ?? CLUSTER
}

/** A finding of a shortage; what else is cited comes behind what was said. */
export function tellShortage(
  incident: Incident,
  { said, pods, nodes }: Shortage,
  subject: Ref,
  rest: Pick<Finding, 'strength' | 'says'> & Omit<Partial<Finding>, 'cites'> & { readonly cites?: readonly Citation[] },
): Finding {
  const spoken = said.slice(0, 3).map(({ citation }) => citation)
  return {
    kind: 'cause',
    subject,
    from: firstSaid(said) ?? earliest(pods.map(({ created }) => created)),
    to: lastSaid(said),
    affects: uniqueRefs([...sufferersOf(incident, pods), ...nodes.map((name): Ref => ({ kind: 'Node', name }))]),
    ...rest,
    cites: atLeastOne([...spoken, ...(rest.cites ?? [])]),
  }
}
