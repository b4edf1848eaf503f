import type { ContainerLog } from '../../incident/container-log.ts'
import type { Incident } from '../../incident/incident.ts'
import { isOnAws } from '../../incident/on-aws.ts'
import type { Rule } from '../rule.ts'
import { idleResets, tellResets } from './idle-resets.ts'

/** A network load balancer forgets idle connections that come in, and resets them at their next use. */
export const nlbIdleTimeoutReset: Rule<'nlb-idle-timeout-reset'> = {
  id: 'nlb-idle-timeout-reset',
  title: 'Idle connections through a network load balancer are reset',
  domain: 'network',
  seeds: ['KIA 2.5.1'],
  needs: ['logs', 'services'],
  helps: ['aws-elb', 'aws-cloudwatch'],
  explains: ['errors'],
  explain: {
    mechanism:
      'A network load balancer remembers a connection for its idle timeout: 350 seconds unless the listener sets tcp.idle_timeout.seconds (60 to 6,000), always 350 for TLS listeners. Whoever uses it afterwards is answered with a reset, while pods run on and log nothing, or a reset by their peer.',
    proof: [
      'TCP_ELB_Reset_Count rises and TCP_Target_Reset_Count does not; the resets follow silences longer than the timeout.',
    ],
    lookAlikes: [
      'nat-idle-timeout-reset: connections that go out.',
      'non-graceful-termination-5xx: resets while pods are replaced.',
    ],
    mitigate: [
      { says: 'Raise the idle timeout of the listener, or turn keep-alive on below it, at either end.', changes: true },
    ],
    fix: ['Let servers and clients of long connections send keep-alive packets.'],
    links: ['https://docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html'],
  },
  *evaluate(incident) {
    if (!isOnAws(incident)) return
    for (const resets of idleResets(incident, (target, log) => target === '' && isBehindBalancer(incident, log)))
      yield {
        ...tellResets(incident, resets),
        says: `Connections to ${resets.workload.name}, which is behind a load balancer, were reset ${resets.count} times, each after a silence of more than 350 s${resets.goesOn ? ', and went well over a new connection right after' : ''}.`,
        missing: ['TCP_ELB_Reset_Count and the attributes of the listener (aws-elb, aws-cloudwatch)'],
      }
  },
}

function isBehindBalancer(incident: Incident, { namespace, pod }: ContainerLog): boolean {
  const found = incident.podOf({ kind: 'Pod', namespace, name: pod })
  return found !== undefined && incident.servicesOf(found).some(({ type }) => type === 'LoadBalancer')
}
