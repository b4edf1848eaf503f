import type { Incident } from '../../incident/incident.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import { keyOf } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { type Shortage, shortageOf } from './address-shortage.ts'
import { networkAgents } from './agents.ts'
import { stillHolds } from './still-holds.ts'
import { unnetworkedPods } from './unnetworked.ts'

/** What the agent of the network plugin says now that means one of these: many programs of a cluster ask the cloud, and are refused or throttled. */
export function saidByAgents(incident: Incident, ...ids: readonly MessageId[]): readonly Said[] {
  const agents = new Set(networkAgents(incident).map(({ ref }) => keyOf(ref)))
  return incident
    .said(...ids)
    .filter((one) => stillHolds(incident, one) && agents.has(keyOf(incident.topOf(one.about))))
}

/** What the agent says, or the plugin of a pod that it gets no network for; and the pods that got no address meanwhile. */
export function agentSays(incident: Incident, ...ids: readonly MessageId[]): Shortage {
  const said = saidByAgents(incident, ...ids)
  const direct = unnetworkedPods(incident, ...ids)
  const waiting = shortageOf(incident, 'ip-assignment-failed', 'ipamd-pool-empty', 'nma-ipamd-no-ips')
  const speaking = said.map(({ about }) => incident.podOf(about)?.node ?? '').filter((name) => name !== '')
  const nodes = [...speaking, ...direct.map(({ pod }) => pod.node), ...waiting.nodes]
  return {
    said: [...new Set<Said>([...said, ...direct.flatMap((one) => one.said)])],
    pods: [...new Set([...direct.map(({ pod }) => pod), ...waiting.pods])],
    nodes: [...new Set(nodes)].sort(),
  }
}
