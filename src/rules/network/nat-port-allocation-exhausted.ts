import type { Rule } from '../rule.ts'

/** A NAT gateway has no port left towards one destination. */
export const natPortAllocationExhausted: Rule<'nat-port-allocation-exhausted'> = {
  id: 'nat-port-allocation-exhausted',
  title: 'A NAT gateway has no port left towards one destination',
  domain: 'network',
  needs: ['aws-cloudwatch'],
  helps: ['logs', 'aws-ec2'],
  explains: ['errors', 'slow'],
  explain: {
    mechanism:
      'A NAT gateway has 55,000 connections at a time towards one destination for each of its addresses. A storm of retries, or one endpoint that all pods call, uses them up: some calls to it fail, others and those to other destinations succeed.',
    proof: ['ErrorPortAllocation of the NAT gateway is above zero in CloudWatch while calls to one destination fail.'],
    lookAlikes: [
      'nat-idle-timeout-reset: old connections are reset, new ones work.',
      'ephemeral-port-exhaustion: the pod itself has no port left, and says EADDRNOTAVAIL.',
    ],
    mitigate: [
      {
        says: 'Give the NAT gateway further addresses (up to eight), and stop what retries without pause.',
        changes: true,
      },
    ],
    fix: ['Reach services of AWS through VPC endpoints, and let clients reuse connections.'],
    links: ['https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html'],
  },
  evaluate: () => [],
}
