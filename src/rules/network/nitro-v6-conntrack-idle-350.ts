import { cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Node } from '../../incident/node.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { type IdleResets, idleResets, tellResets } from './idle-resets.ts'

/** Machine types of Nitro v6, by the table of the EC2 documentation ("Instances built on the AWS Nitro System"). */
const NITRO_V6 = /^(?:[cmr]8(?:a|azn|gb|gn|i|i-flex|id|idn|idb|in|ib)|x8(?:i|aedz)|p6-b\d{3})\./

/** On new machine types the network interface itself forgets idle connections after 350 s, within the VPC too. */
export const nitroV6ConntrackIdle350: Rule<'nitro-v6-conntrack-idle-350'> = {
  id: 'nitro-v6-conntrack-idle-350',
  title: 'Machines of Nitro v6 forget idle connections after 350 seconds',
  domain: 'network',
  needs: ['logs', 'nodes'],
  helps: ['aws-ec2'],
  explains: ['errors', 'slow'],
  explain: {
    mechanism:
      'Security groups remember idle TCP connections for five days on older machines. On Nitro v6 that is 350 seconds by default. Pools of databases and long-lived connections between services, idle for six minutes, then hang or are reset, also within the VPC, as soon as pods move to such nodes; an autoscaler may choose them by itself.',
    proof: [
      'The resets are of pods on nodes of these types only, after silences of more than 350 seconds; ConnectionTrackingConfiguration of their interfaces is empty.',
    ],
    lookAlikes: ['nat-idle-timeout-reset: only connections to outside the VPC, from machines of any type.'],
    mitigate: [
      {
        says: 'Turn keep-alive on below 350 seconds, or keep the workload on older types by a node selector.',
        changes: true,
      },
    ],
    fix: ['Set TcpEstablishedTimeout in the launch template of such nodes.'],
    links: ['https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html'],
  },
  *evaluate(incident) {
    const nodes = incident.nodes.filter(({ instanceType }) => NITRO_V6.test(instanceType))
    if (nodes.length === 0) return
    for (const resets of idleResets(incident, (target) => target !== '')) {
      const on = new Set(resets.pods.map((pod) => pod.node))
      const [node, ...others] = nodes.filter(({ ref }) => on.has(ref.name))
      if (!node) continue
      if (on.size > others.length + 1)
        yield reject(resets.workload, 'Connections of its pods on machines of older types are reset as well.')
      else yield describe(incident, resets, node)
    }
  },
}

function describe(incident: Incident, resets: IdleResets, node: Node): Finding {
  return {
    ...tellResets(incident, resets),
    says: `Connections of ${resets.workload.name} on nodes of Nitro v6 (${node.instanceType}) were reset ${resets.count} times, each after a silence of more than 350 s.`,
    cites: [...resets.cites, citeType(node)],
    missing: ['ConnectionTrackingConfiguration of the interfaces (aws-ec2)'],
  }
}

function citeType(node: Node) {
  return cite(node, ['metadata', 'labels'], node.instanceType)
}
