import type { Rule } from '../rule.ts'

/** Large packets vanish on a path that takes only smaller ones. */
export const mtuMismatch: Rule<'mtu-mismatch'> = {
  id: 'mtu-mismatch',
  title: 'Large packets vanish on the way',
  domain: 'network',
  needs: ['pod-network'],
  helps: ['logs', 'socket-counters', 'node-logs'],
  explains: ['slow', 'errors', 'not-starting', 'not-ready'],
  explain: {
    mechanism:
      'A tunnel, a VPN or a transit gateway takes smaller packets than the interface of the pod sends. The message that says so (ICMP type 3 code 4) is filtered on the way back, so the sender repeats the same large packet for ever. Small requests work; large answers, TLS handshakes and image pulls hang.',
    proof: [
      'ping -M do with growing sizes gets through up to a limit below the MTU of the pod; captures show the same segment again and again.',
    ],
    lookAlikes: [
      'networkpolicy-blocks-traffic: packets of all sizes are dropped.',
      'ena-bandwidth-or-pps-exceeded: losses come and go with the traffic.',
    ],
    mitigate: [
      {
        says: 'Lower the MTU of the network plugin, for EKS by AWS_VPC_ENI_MTU.',
        command: 'kubectl -n kube-system set env daemonset/aws-node AWS_VPC_ENI_MTU=1500',
        changes: true,
      },
    ],
    fix: ['Let ICMP type 3 code 4 through every firewall, or set one MTU that fits the whole path.'],
    links: ['https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/network_mtu.html'],
  },
  evaluate: () => [],
}
