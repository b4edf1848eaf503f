import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { isFailing, type Pod } from '../../incident/pod.ts'
import type { Ref } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count } from '../../incident/telling.ts'
import { groupByWorkload } from '../group.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { firstSaid, lastSaid, stillHolds } from './still-holds.ts'
import { waitsForNetwork } from './unnetworked.ts'

/** Pods with a security group of their own find no node with a free branch interface. */
export const sgForPodsBranchEniExhausted: Rule<'sg-for-pods-branch-eni-exhausted'> = {
  id: 'sg-for-pods-branch-eni-exhausted',
  title: 'No branch interface is left for pods with their own security group',
  domain: 'network',
  needs: ['pods'],
  helps: ['events', 'nodes', 'aws-ec2'],
  explains: ['unscheduled', 'not-starting', 'rollout-stalled', 'no-endpoints', 'warnings', 'not-ready'],
  explain: {
    mechanism:
      'A pod that a SecurityGroupPolicy matches needs a branch interface of its node. Machines offer few of them, small families none, and a new node offers them only when its trunk is attached. Such pods wait although the node has processor, memory and addresses.',
    proof: [
      'The scheduler says Insufficient vpc.amazonaws.com/pod-eni, or the plugin says that there is no trunk or branch interface for the pod.',
    ],
    lookAlikes: [
      'insufficient-cpu-memory: the scheduler lacks processor or memory.',
      'subnet-ip-exhaustion: pods without a security group of their own wait as well.',
    ],
    mitigate: [
      {
        says: 'Look which pods the policies match; a selector that is too broad takes interfaces from the rest.',
        command: 'kubectl get securitygrouppolicies -A -o yaml',
        changes: false,
      },
      { says: 'Narrow the SecurityGroupPolicy, or add nodes of a larger type.', changes: true },
    ],
    fix: ['Use security groups for pods only where they are needed, on machine types with many branch interfaces.'],
    links: ['https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html'],
  },
  *evaluate(incident) {
    for (const { workload, pods, said } of groupByWorkload(incident, 'branch-eni-exhausted', 'branch-eni-missing')) {
      const current = said.filter((one) => stillHolds(incident, one))
      const waiting = pods.filter((pod) => isFailing(pod) && (pod.node === '' || waitsForNetwork(pod)))
      if (current.length === 0 || waiting.length === 0)
        yield reject(workload, 'It lacked a branch interface once, and has what it needs now.')
      else yield describe(incident, workload, waiting, current)
    }
  },
}

function describe(incident: Incident, workload: Ref, pods: readonly Pod[], said: readonly Said[]): Finding {
  return {
    kind: 'cause',
    subject: workload,
    strength: 'proof',
    from: firstSaid(said),
    to: lastSaid(said),
    says: `${count(pods.length, 'pod')} of ${workload.name} need a branch interface for their security group, and get none: ${said.at(-1)?.text.slice(0, 160)}`,
    cites: atLeastOne(said.slice(0, 3).map(({ citation }) => citation)),
    affects: sufferersOf(incident, pods),
  }
}
