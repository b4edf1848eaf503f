import type { Citation } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { count } from '../../incident/telling.ts'
import type { Rule } from '../rule.ts'
import { agentOf, shortageOf, tellShortage, withCounted } from './address-shortage.ts'
import { countedShortages } from './counted-addresses.ts'

/** The subnet has free addresses, and no block of sixteen in a row for prefix delegation. */
export const prefixFragmentation: Rule<'prefix-fragmentation'> = {
  id: 'prefix-fragmentation',
  title: 'The subnet has no sixteen addresses in a row',
  domain: 'network',
  needs: ['pods'],
  helps: ['events', 'aws-ec2', 'cni-introspection'],
  explains: ['not-starting', 'rollout-stalled', 'no-endpoints', 'warnings', 'not-ready'],
  explain: {
    mechanism:
      'With prefix delegation a node takes blocks of sixteen addresses (/28). Single addresses that other machines and pods hold are spread over the subnet, so that it has hundreds free and no whole block. New pods then wait as if the subnet were full.',
    proof: [
      'EC2 answered InsufficientCidrBlocks, as the agent logs or counts, while the subnet has more than sixteen free addresses.',
    ],
    lookAlikes: ['subnet-ip-exhaustion: the subnet has next to no free address at all.'],
    mitigate: [
      { says: 'Launch nodes into a subnet that is used for nothing else.', changes: true },
      {
        says: 'Turn prefix delegation off until there is room.',
        command: 'kubectl -n kube-system set env daemonset/aws-node ENABLE_PREFIX_DELEGATION=false',
        changes: true,
      },
    ],
    fix: ['Reserve a range of each subnet for prefixes (subnet CIDR reservation), or give nodes subnets of their own.'],
    links: ['https://docs.aws.amazon.com/eks/latest/best-practices/prefix-mode-linux.html'],
  },
  *evaluate(incident) {
    const said = shortageOf(incident, 'prefix-fragmentation')
    const counted = countedShortages(incident, 'fragmented')
    if (said.said.length === 0 && counted.length === 0) return
    const shortage = withCounted(said, counted)
    const full = citeFull(incident)
    yield tellShortage(incident, shortage, agentOf(incident), {
      strength: full ? 'weak' : 'strong',
      says: `EC2 has no free block of sixteen addresses for ${count(shortage.nodes.length, 'node')}; ${count(shortage.pods.length, 'pod')} wait.`,
      cites: counted.flatMap(({ cites }) => cites).slice(0, 4),
      ...(full ? { against: [{ says: 'The subnet is said to be full as well.', cites: [full] }] } : {}),
      missing: ['the free addresses of the subnet (aws-ec2)'],
    })
  },
}

/** EC2 finds no block in a full subnet either. */
function citeFull(incident: Incident): Citation | undefined {
  const [said] = shortageOf(incident, 'subnet-ip-exhaustion').said
  return said?.citation ?? countedShortages(incident, 'full')[0]?.cites[0]
}
