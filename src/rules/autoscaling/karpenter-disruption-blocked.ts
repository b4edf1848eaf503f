import { atLeastOne } from '../../incident/citation.ts'
import { earliest, shorten } from '../../incident/telling.ts'
import { isCurrent } from '../recency.ts'
import type { Rule } from '../rule.ts'

/** Nodes that Karpenter would remove and may not: costs, and upgrades that stand still, not an outage. */
export const karpenterDisruptionBlocked: Rule<'karpenter-disruption-blocked'> = {
  id: 'karpenter-disruption-blocked',
  title: 'Karpenter may not remove a node',
  domain: 'autoscaling',
  needs: ['events'],
  helps: ['poddisruptionbudgets.policy', 'nodeclaims.karpenter.sh'],
  explains: [],
  explain: {
    mechanism:
      'Karpenter wants to replace or remove a node, and a disruption budget, the annotation karpenter.sh/do-not-disrupt or a pod without a controller forbids it. The node stays, with its old image and its price.',
    proof: ['Events DisruptionBlocked, Unconsolidatable or FailedDraining on the node or its NodeClaim.'],
    lookAlikes: ['pdb-deadlock: a drain that somebody waits for.', 'A node that is younger than consolidateAfter.'],
    mitigate: [
      { says: 'Nothing is urgent; see which budget it names.', command: 'kubectl get pdb -A', changes: false },
    ],
    fix: ['Let every budget allow one disruption, and keep do-not-disrupt for jobs that end.'],
    links: ['https://karpenter.sh/docs/concepts/disruption/'],
  },
  *evaluate(incident) {
    const said = incident
      .said('karpenter-disruption-blocked', 'karpenter-drain-failed')
      .filter((one) => isCurrent(incident, one))
    for (const [, members] of Map.groupBy(said, ({ about }) => `${about.kind} ${about.name}`)) {
      const [first] = members
      if (!first) continue
      yield {
        kind: 'risk',
        subject: first.about,
        strength: 'strong',
        from: earliest(members.map((one) => one.first)),
        says: `Karpenter may not remove ${first.about.name}: ${shorten(members.at(-1)?.text ?? '')}`,
        cites: atLeastOne(members.slice(-2).map(({ citation }) => citation)),
      }
    }
  },
}
