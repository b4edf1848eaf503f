import { atLeastOne } from '../../incident/citation.ts'
import { isSaidNow } from '../../incident/lately.ts'
import { CLUSTER, keyOf, type Ref } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { earliest, tellNames } from '../../incident/telling.ts'
import type { Rule } from '../rule.ts'

/** So many sick nodes that their repair was stopped: a shared cause. */
export const autorepairHaltedByGuardrail: Rule<'autorepair-halted-by-guardrail'> = {
  id: 'autorepair-halted-by-guardrail',
  title: 'Repair of nodes stopped because too many are sick',
  domain: 'healing',
  needs: ['events'],
  helps: ['nodes', 'nodepools.karpenter.sh', 'aws-eks'],
  explains: ['node-unhealthy', 'warnings'],
  explain: {
    mechanism:
      'Automatic repair replaces single bad machines. When more than a fifth of the nodes is sick at once it stops, because replacing them would not help: what they share is at fault, an image, a network, the control plane, a daemon on every node. Sick nodes then stay until somebody finds it.',
    proof: ['An event NodeRepairBlocked says that more than 20% of the nodes are unhealthy.'],
    lookAlikes: ['Repair is not switched on at all: then there is no such event.'],
    mitigate: [
      {
        says: 'Compare what the sick nodes share: zone, image, version, group.',
        command: 'kubectl get nodes -o wide -L topology.kubernetes.io/zone,node.kubernetes.io/instance-type',
        changes: false,
      },
    ],
    fix: ['Find and mend what is shared; roll images and daemons out to a part of the nodes first.'],
    links: [
      'https://karpenter.sh/docs/concepts/disruption/',
      'https://docs.aws.amazon.com/eks/latest/userguide/node-health.html',
    ],
  },
  *evaluate(incident) {
    const said = incident.said('autorepair-halted-by-guardrail').filter((one) => isSaidNow(incident, one))
    if (said.length === 0) return
    const sick = incident.nodes.filter(({ ready }) => !ready)
    yield {
      kind: 'mechanism',
      subject: poolOf(said) ?? CLUSTER,
      strength: 'strong',
      from: earliest(said.map(({ first }) => first)),
      says: `Repair of nodes is stopped (${said[0]?.words}): ${sick.length} of ${incident.nodes.length} nodes are not ready${sick.length > 0 ? ` (${tellNames(sick.map(({ ref }) => ref.name))})` : ''}, which speaks for a cause that they share.`,
      cites: atLeastOne(said.slice(0, 3).map(({ citation }) => citation)),
      affects: sick.map(({ ref }) => ref),
    }
  },
}

/** The pool of nodes, where all that is said is about one. */
function poolOf(said: readonly Said[]): Ref | undefined {
  const pools = new Map(said.filter(({ about }) => about.kind === 'NodePool').map(({ about }) => [keyOf(about), about]))
  return pools.size === 1 ? [...pools.values()][0] : undefined
}
