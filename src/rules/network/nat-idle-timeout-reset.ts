import { isHealthy } from '../../incident/pod.ts'
import type { Rule } from '../rule.ts'
import { idleResets, isOnAws } from './idle-resets.ts'

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
    for (const { workload, first, templates, cites, logs } of idleResets(incident, isOutside)) {
      const pods = incident.workloadOf(workload)?.pods ?? []
      const suffering = pods.filter((pod) => !isHealthy(pod) || logs.some((log) => log.pod === pod.ref.name))
      yield {
        kind: 'cause',
        subject: workload,
        strength: 'weak',
        from: first,
        says: `Calls of ${workload.name} to ${templates[0]?.targets.join(', ')} were reset ${templates[0]?.count} times, each after a silence of more than 350 s.`,
        cites,
        affects: suffering.map(({ ref }) => ref),
        missing: ['IdleTimeoutCount of the NAT gateways (aws-cloudwatch)'],
      }
    }
  },
}

/** A name of the world outside: neither of the cluster nor a private address. */
function isOutside(target: string): boolean {
  const host = target.replace(/:\d+$/, '')
  if (/^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|127\.|169\.254\.|\[)/.test(host)) return false
  return host.includes('.') && !/\.(?:local|internal|svc)$|\.svc\./.test(host)
}
