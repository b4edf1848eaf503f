import type { Rule } from '../rule.ts'

/** One pod has no network at all, because its way to the node is broken. */
export const podGatewayUnreachable: Rule<'pod-gateway-unreachable'> = {
  id: 'pod-gateway-unreachable',
  title: 'One pod cannot reach its own node',
  domain: 'network',
  seeds: ['KIA B.6'],
  needs: ['pod-network'],
  helps: ['logs', 'node-logs'],
  explains: ['errors', 'not-ready', 'crashing'],
  explain: {
    mechanism:
      'The network plugin of EKS gives each pod a gateway at 169.254.1.1 with a fixed hardware address, and an interface pair to the node. When the system of the node gives that interface another address, or the pair is down, nothing leaves the pod, while its neighbours are fine.',
    proof: [
      'In the network namespace of the pod, ip neigh shows 169.254.1.1 as FAILED or INCOMPLETE in place of PERMANENT.',
    ],
    lookAlikes: [
      'node-firewall-tampering: all pods of the node lose connections.',
      'snat-misconfig: pods reach each other, and nothing outside.',
    ],
    mitigate: [
      {
        says: 'Save ip neigh and ip rule of the pod, then delete it: it gets a new network.',
        command: 'kubectl -n {namespace} delete pod {name}',
        changes: true,
      },
    ],
    fix: ['Set MACAddressPolicy=none for the interfaces of the plugin in the image of the nodes.'],
    links: ['https://docs.aws.amazon.com/eks/latest/userguide/managing-vpc-cni.html'],
  },
  evaluate: () => [],
}
