import { atLeastOne } from '../../incident/citation.ts'
import { earliest, shorten } from '../../incident/telling.ts'
import { isCurrent } from '../recency.ts'
import type { Rule } from '../rule.ts'

/** A managed add-on that cannot be updated because somebody else set its fields. */
export const addonDegradedConflict: Rule<'addon-degraded-conflict'> = {
  id: 'addon-degraded-conflict',
  title: 'A managed add-on is degraded or in conflict',
  domain: 'rollout',
  seeds: ['KIA 8.6.3'],
  needs: ['aws-eks'],
  helps: ['events'],
  explains: ['unhealthy-condition', 'warnings'],
  explain: {
    mechanism:
      'The add-on is applied server-side by the cloud, and a field of it belongs to another manager: somebody edited it by hand. The update stops half-way, and the old configuration goes on.',
    proof: ['describe-addon says DEGRADED or UPDATE_FAILED with ConfigurationConflict, and names the fields.'],
    lookAlikes: [
      'The add-on is ACTIVE and its pods are well.',
      'Its pods fail for a reason of their own: InsufficientNumberOfReplicas.',
    ],
    mitigate: [
      {
        says: 'Choose knowingly whether to preserve or to overwrite what was edited.',
        command: 'aws eks update-addon --cluster-name CLUSTER --addon-name {name} --resolve-conflicts PRESERVE',
        changes: true,
      },
    ],
    fix: ['Change add-ons through their configuration values, never by hand.'],
    links: ['https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html'],
  },
  *evaluate(incident) {
    const said = incident.said('addon-degraded-conflict', 'addon-degraded').filter((one) => isCurrent(incident, one))
    for (const [, members] of Map.groupBy(said, ({ about }) => `${about.kind} ${about.name}`)) {
      const [first] = members
      if (!first) continue
      yield {
        kind: 'cause',
        subject: incident.topOf(first.about),
        strength: 'strong',
        from: earliest(members.map((one) => one.first)),
        says: `The add-on is not as it should be: ${shorten(first.text)}`,
        cites: atLeastOne(members.slice(0, 3).map(({ citation }) => citation)),
      }
    }
  },
}
