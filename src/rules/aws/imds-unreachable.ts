import type { Incident } from '../../incident/incident.ts'
import { isOnHostNetwork } from '../../incident/pod.ts'
import { type Caller, callersSaying } from '../callers.ts'
import { type Rule, reject } from '../rule.ts'
import { describeRefused, isWell } from './refused.ts'

/** A program does not get the region or credentials that the metadata of its machine has. */
export const imdsUnreachable: Rule<'imds-unreachable'> = {
  id: 'imds-unreachable',
  title: 'Instance metadata does not answer a pod',
  domain: 'aws',
  seeds: ['KIA 2.9.3'],
  needs: [],
  helps: ['logs', 'pods', 'ena-counters', 'aws-ec2'],
  explains: ['errors', 'crashing', 'not-ready', 'volume-failing', 'no-endpoints', 'not-starting'],
  explain: {
    mechanism:
      'Programs that have no role of their own ask 169.254.169.254 for the region and for the credentials of the node. With a hop limit of 1 the answer does not reach a pod that has its own network; with metadata switched off, or above the limit of packets to link-local addresses, nobody gets one.',
    proof: [
      'A log says "no EC2 IMDS role found" or "failed to get region from instance metadata".',
      'The pod has no hostNetwork, and the hop limit of the machine is 1 (aws ec2 describe-instances).',
    ],
    lookAlikes: [
      'irsa-denied: the pod has a role, and STS refuses it.',
      'vpc-resolver-pps-limit: the same limit, seen by DNS.',
    ],
    mitigate: [
      {
        says: 'Raise the hop limit, or give the workload a role by IRSA or Pod Identity.',
        command: 'aws ec2 modify-instance-metadata-options --instance-id ID --http-put-response-hop-limit 2',
        changes: true,
      },
    ],
    fix: ['Set region and role explicitly; keep metadata for the daemons of nodes.'],
    links: ['https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html'],
  },
  *evaluate(incident) {
    for (const caller of callersSaying(incident, 'imds-unreachable')) {
      if (isWell(incident, caller))
        yield reject(caller.ref, 'It asked instance metadata in vain, and does its work all the same.')
      else
        yield describeRefused(incident, caller, {
          strength: caller.suffers ? 'strong' : 'weak',
          says: `${caller.ref.name} gets nothing from instance metadata${hasOwnNetwork(incident, caller) ? '; its pods have a network of their own, so a hop limit of 1 would explain it' : ''}.`,
          missing: ['aws-ec2: the metadata options of the machine'],
        })
    }
  },
}

function hasOwnNetwork(incident: Incident, { said }: Caller): boolean {
  const pods = said.flatMap(({ about }) => incident.podOf(about) ?? [])
  return pods.length > 0 && !pods.some(isOnHostNetwork)
}
