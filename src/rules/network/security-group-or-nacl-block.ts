import type { Rule } from '../rule.ts'

/** A security group or a network ACL drops packets between certain machines, zones or ports. */
export const securityGroupOrNaclBlock: Rule<'security-group-or-nacl-block'> = {
  id: 'security-group-or-nacl-block',
  title: 'A security group or network ACL drops packets',
  domain: 'network',
  seeds: ['KIA 3.2.2C', 'KIA 11.2.2'],
  needs: ['aws-ec2'],
  helps: ['aws-cloudtrail', 'logs', 'pod-network'],
  explains: ['errors', 'slow', 'not-ready', 'node-unhealthy', 'crashing'],
  explain: {
    mechanism:
      'The cloud filters packets before they reach a machine. When a rule is removed or narrowed, connections between certain groups, subnets or ports time out: nodes cannot reach each other on 10250 or 53, or one zone cannot reach another. A network ACL knows no connections, so a forgotten range of return ports blocks one direction of a whole subnet.',
    proof: [
      'Timeouts, never refusals, between the same pairs of groups, zones or ports; a rule that allows them is missing.',
      'CloudTrail shows AuthorizeSecurityGroup… or RevokeSecurityGroup… near the first failure; flow logs say REJECT.',
    ],
    lookAlikes: [
      'networkpolicy-blocks-traffic: only pods that a policy selects are cut off.',
      'dependency-down: connections are refused, because nothing listens.',
    ],
    mitigate: [{ says: 'Put the rule back that was removed.', changes: true }],
    fix: ['Change rules only through code that is reviewed, and test the paths that the cluster needs.'],
    links: ['https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html'],
  },
  evaluate: () => [],
}
