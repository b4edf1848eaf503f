import { count } from '../../incident/telling.ts'
import { type Rule, reject } from '../rule.ts'
import { agentOf, tellShortage, withCounted } from './address-shortage.ts'
import { agentSays } from './agent-log.ts'
import { countedShortages } from './counted-addresses.ts'
import { lackOfAddresses } from './lack-of-addresses.ts'

/** EC2 answers the network plugin only slowly, because the account asks too often. */
export const cniEc2ApiThrottled: Rule<'cni-ec2-api-throttled'> = {
  id: 'cni-ec2-api-throttled',
  title: 'EC2 throttles the network plugin',
  domain: 'network',
  needs: ['pods'],
  helps: ['logs', 'cni-introspection', 'aws-cloudtrail'],
  explains: ['not-starting', 'slow', 'rollout-stalled', 'warnings', 'not-ready'],
  explain: {
    mechanism:
      'The agent of each node asks EC2 for interfaces and addresses. When many nodes and pods start at once, or other programs of the account ask a lot, EC2 answers RequestLimitExceeded and the agent tries again later and later. Pods get their address after minutes.',
    proof: [
      'The log of aws-node says RequestLimitExceeded or Throttling, or it counts such answers between the samples, while pods wait in ContainerCreating.',
    ],
    lookAlikes: [
      'subnet-ip-exhaustion: EC2 answers at once that there is no address.',
      'sts-or-aws-api-throttled: other programs are throttled, not the plugin.',
    ],
    mitigate: [{ says: 'Scale out in smaller steps, and stop what asks EC2 the most.', changes: true }],
    fix: [
      'Let nodes keep more addresses in reserve so that they ask less often (WARM_ENI_TARGET, prefix delegation), and ask AWS for a higher rate.',
    ],
    links: ['https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html'],
  },
  *evaluate(incident) {
    const said = agentSays(incident, 'sts-or-aws-api-throttled')
    const counted = countedShortages(incident, 'throttled')
    if (said.said.length === 0 && counted.length === 0) return
    const throttled = withCounted(said, counted)
    const full = lackOfAddresses(incident)
    if (full !== undefined || throttled.pods.length === 0)
      return yield reject(
        agentOf(incident),
        full !== undefined
          ? `EC2 has no address to give: ${full}.`
          : 'EC2 throttles it, and no pod waits for an address.',
      )
    yield tellShortage(incident, throttled, agentOf(incident), {
      strength: 'strong',
      says: `EC2 throttles the network plugin on ${count(throttled.nodes.length, 'node')} while ${count(throttled.pods.length, 'pod')} wait for an address.`,
      cites: counted.flatMap(({ cites }) => cites).slice(0, 4),
    })
  },
}
