import type { Collector } from '../src/collector.ts'
import type { KubeResponse } from '../src/sources/kube/client.ts'
import { askNodePorts } from './ask-node-ports.ts'

/** The plugin's daemon tells of its addresses on loopback (aws/amazon-vpc-cni-k8s, pkg/ipamd/introspect.go), and counts on all interfaces (cmd/aws-k8s-agent/main.go). */
const IPAMD = { port: 61679, content: { type: 'json' }, refuse: refuseUnknown } as const
const METRICS = { path: '/metrics', content: { type: 'text' } } as const

/** What the Amazon VPC CNI knows of a node's addresses, how it is set up, and what it and its policy agent count. */
export const cni: Collector = {
  id: 'cni',
  title: 'Addresses and counters of the CNI',
  volatility: 1,
  scope: 'node',
  sampled: true,
  reads: [{ connects: 'pods/portforward', namespaces: ['kube-system'] }],
  collect: (context) =>
    askNodePorts(context, cni, [
      { ...IPAMD, path: '/v1/enis', file: 'enis.json' },
      // Versions before 1.7 have it (taken out in June 2020).
      { ...IPAMD, path: '/v1/pods', file: 'pods.json', once: true },
      { ...IPAMD, path: '/v1/networkutils-env-settings', file: 'networkutils-env.json', once: true },
      { ...IPAMD, path: '/v1/ipamd-env-settings', file: 'ipamd-env.json', once: true },
      { ...METRICS, port: 61678, file: 'metrics.txt' },
      // The chart's default for the policy agent (aws/amazon-vpc-cni-k8s, charts/aws-vpc-cni: metricsBindAddr).
      { ...METRICS, port: 8162, file: 'policy-agent.txt' },
    ]),
}

/** To a path that it does not know the daemon answers 200, with those that it does. */
function refuseUnknown({ body }: KubeResponse): string | undefined {
  if (!body.subarray(0, 200).includes('"AvailableCommands"')) return undefined
  return 'this version of the Amazon VPC CNI does not know this path, and answers with those that it knows'
}
