import { atLeastOne } from '../../incident/citation.ts'
import { CLUSTER } from '../../incident/reference.ts'
import { earliest, shorten } from '../../incident/telling.ts'
import { isCurrent } from '../recency.ts'
import type { Rule } from '../rule.ts'

/** A managed control plane that cannot be upgraded. */
export const controlPlaneUpgradeBlocked: Rule<'control-plane-upgrade-blocked'> = {
  id: 'control-plane-upgrade-blocked',
  title: 'The control plane cannot be upgraded',
  domain: 'rollout',
  seeds: ['KIA 8.6.1'],
  needs: ['aws-eks'],
  explains: [],
  explain: {
    mechanism:
      'The cloud checks what it needs before it replaces the control plane: free addresses in the subnets of the cluster, security groups, a role, a key. Something of these was removed or is used up, and the update fails or hangs.',
    proof: ['describe-update says Failed, and the health of the cluster names the resource.'],
    lookAlikes: ['pdb-deadlock: the update of a node group hangs, not that of the control plane.'],
    mitigate: [{ says: 'Mend the resource that the health issue names, and start the update again.', changes: true }],
    fix: ['Keep five free addresses in each subnet of the cluster, and protect what it needs from clean-ups.'],
    links: ['https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html'],
  },
  *evaluate(incident) {
    const said = incident.said('control-plane-upgrade-blocked').filter((one) => isCurrent(incident, one))
    const [first] = said
    if (!first) return
    yield {
      kind: 'cause',
      subject: CLUSTER,
      strength: 'strong',
      from: earliest(said.map((one) => one.first)),
      says: `The control plane cannot be upgraded: ${shorten(first.text)}`,
      cites: atLeastOne(said.slice(0, 3).map(({ citation }) => citation)),
    }
  },
}
