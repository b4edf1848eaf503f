import type { Incident } from '../../incident/incident.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import type { Said } from '../../incident/statement.ts'
import { type Shortage, shortageOf } from './address-shortage.ts'
import { networkAgents } from './agents.ts'
import { isCurrent } from './current.ts'

/** What the agent of the network plugin logged, or had said of its nodes, that means one of these; and the pods that got no address meanwhile. */
export function agentSays(incident: Incident, ...ids: readonly MessageId[]): Shortage {
  const agents = new Set(networkAgents(incident).map(({ ref }) => ref.name))
  const said = incident
    .said(...ids)
    .filter((one) => isCurrent(incident, one) && agents.has(incident.topOf(one.about).name))
  const direct = shortageOf(incident, ...ids)
  const waiting = shortageOf(incident, 'ip-assignment-failed', 'ipamd-pool-empty', 'nma-ipamd-no-ips')
  const all = [...new Set<Said>([...said, ...direct.said])]
  const nodes = said.map(({ about }) => incident.podOf(about)?.node ?? '').filter((name) => name !== '')
  return {
    said: all,
    pods: [...new Set([...direct.pods, ...waiting.pods])],
    nodes: [...new Set([...nodes, ...direct.nodes, ...waiting.nodes])].sort(),
  }
}
