import { isOnAws } from '../../incident/on-aws.ts'
import { isPrivateAddress } from '../../incident/private-address.ts'
import type { Rule } from '../rule.ts'
import { idleResets, tellResets } from './idle-resets.ts'

/** A NAT gateway forgets idle connections, and the next use of one is answered with a reset. */
export const natIdleTimeoutReset: Rule<'nat-idle-timeout-reset'> = {
  id: 'nat-idle-timeout-reset',
  title: 'Idle connections through a NAT gateway are reset',
  domain: 'network',
  seeds: ['KIA 2.5.2', 'KIA 2.10.3C'],
  needs: ['logs', 'nodes'],
  helps: ['aws-cloudwatch', 'aws-ec2', 'socket-counters'],
  explains: ['errors'],
  explain: {
    mechanism:
      'A NAT gateway drops what it knows of a connection after 350 seconds without a packet, and tells nobody. The client finds out at its next request, which is answered with a reset. Quiet services suffer most; busy ones never.',
    proof: [
      'IdleTimeoutCount of the NAT gateway rises in CloudWatch, and the resets follow silences of more than 350 seconds.',
      'The connections go to addresses outside the VPC, and have no keep-alive (ss -to shows no timer).',
    ],
    lookAlikes: [
      'nitro-v6-conntrack-idle-350: connections within the VPC die at the same age.',
      'nlb-idle-timeout-reset: connections that come in.',
      'nat-port-allocation-exhausted: new connections fail, idle ones live.',
    ],
    mitigate: [{ says: 'Turn TCP or gRPC keep-alive on in the client, below 350 seconds.', changes: true }],
    fix: [
      'Let pools drop connections that were idle for five minutes, and reach services of AWS through VPC endpoints.',
    ],
    links: ['https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html'],
  },
  *evaluate(incident) {
    if (!isOnAws(incident)) return
    for (const resets of idleResets(incident, isOutside))
      yield {
        ...tellResets(incident, resets),
        says: `Calls of ${resets.workload.name} to ${resets.targets.join(', ')} were reset ${resets.count} times, each after a silence of more than 350 s${resets.goesOn ? ', and went well over a new connection right after' : ''}.`,
        missing: ['IdleTimeoutCount of the NAT gateways (aws-cloudwatch)'],
      }
  },
}

/** Services of AWS that live in the VPC under names of the world. */
const IN_VPC =
  /\.(?:rds|cache|memorydb|docdb|neptune|redshift|kafka|efs|elb|es|aoss|mq)\.(?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?$/

/** Of the machine itself, of the link, and of IPv6, which is not translated. */
const NEVER_OUTSIDE = ['127.', '169.254.', '[']

/** A name of the world outside: neither of the cluster nor a private address. */
function isOutside(target: string): boolean {
  const host = target.replace(/:\d+$/, '')
  if (isPrivateAddress(host) || NEVER_OUTSIDE.some((start) => host.startsWith(start)) || IN_VPC.test(host)) return false
  return host.includes('.') && !/\.(?:local|internal|svc)$|\.svc\./.test(host)
}
