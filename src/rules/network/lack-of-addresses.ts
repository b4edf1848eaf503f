import type { Incident } from '../../incident/incident.ts'
import { agentSays } from './agent-log.ts'
import { countedShortages } from './counted-addresses.ts'

/** That EC2 has no address to give, in the words of agents or by what they count: then nothing else keeps nodes from having one. */
export function lackOfAddresses(incident: Incident): string | undefined {
  const [said] = agentSays(incident, 'subnet-ip-exhaustion', 'prefix-fragmentation').said
  const [counted] = [...countedShortages(incident, 'full'), ...countedShortages(incident, 'fragmented')]
  return said?.words ?? counted?.says
}
