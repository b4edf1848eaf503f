import { citeName } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { callersSaying } from '../callers.ts'
import { type Rule, reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'
import { describeRefused, isWell } from './refused.ts'

/** The agent that hands credentials to pods does not answer, or has none for them. */
export const podIdentityAgentFailing: Rule<'pod-identity-agent-failing'> = {
  id: 'pod-identity-agent-failing',
  title: 'The Pod Identity agent gives a pod no credentials',
  domain: 'aws',
  needs: ['pods'],
  helps: ['logs', 'daemonsets.apps', 'aws-eks'],
  explains: ['errors', 'crashing', 'not-ready', 'volume-failing', 'unhealthy-condition', 'job-failing', 'no-endpoints'],
  explain: {
    mechanism:
      'With EKS Pod Identity the SDK asks an agent at 169.254.170.23 on its own node. Where the agent does not run, because it was evicted, does not tolerate the taints of the node, or a proxy setting catches its address, calls to AWS fail for want of credentials; where the account has no association, the agent refuses.',
    proof: [
      'A log names 169.254.170.23 with refused, timeout or an error of EKS Auth.',
      'No pod of eks-pod-identity-agent is ready on the node.',
    ],
    lookAlikes: [
      'irsa-denied: the pod has AWS_ROLE_ARN and asks STS itself.',
      'imds-unreachable: credentials of the node at 169.254.169.254.',
    ],
    mitigate: [
      {
        says: 'Bring the agent back on the node.',
        command: 'kubectl get pods -n kube-system -l app.kubernetes.io/name=eks-pod-identity-agent -o wide',
        changes: false,
      },
    ],
    fix: ['Let the agent tolerate all taints, and put 169.254.170.23 into NO_PROXY.'],
    links: ['https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html'],
  },
  *evaluate(incident) {
    for (const caller of callersSaying(incident, 'pod-identity-agent-failing')) {
      if (isWell(incident, caller)) {
        yield reject(caller.ref, 'It got no credentials now and then, and does its work all the same.')
        continue
      }
      const nodes = new Set(caller.said.map(({ about }) => incident.podOf(about)?.node ?? ''))
      const agents = agentsOf(incident).filter(({ node }) => nodes.has(node))
      const sick = agents.filter((pod) => isSuffering(incident, pod))
      yield describeRefused(incident, caller, {
        strength: 'strong',
        says: `${caller.ref.name} gets no credentials from the Pod Identity agent${sick.length > 0 ? `, which is not well on ${sick[0]?.node}` : agents.length === 0 ? ', which does not run on its node' : ''}.`,
        cites: sick.slice(0, 1).map(citeName),
        missing: ['aws-eks: the associations of the cluster'],
      })
    }
  },
}

function agentsOf({ pods }: Incident): readonly Pod[] {
  return pods.filter(({ workload }) => workload.kind === 'DaemonSet' && workload.name === 'eks-pod-identity-agent')
}
