import type { Collector, ObservedPod } from '../src/collector.ts'
import { askComponent } from './ask-component.ts'

/** Where each name server counts, by its container: CoreDNS (plugin prometheus), and its cache on nodes (kubernetes/dns, cmd/node-cache: the Corefile's prometheus line). */
const PORTS: Readonly<Record<string, number>> = { coredns: 9153, 'node-cache': 9253 }

/** What the name servers count: queries, answers by code, what they forwarded and how long it took, what they had in their cache. */
export const dnsMetrics: Collector = {
  id: 'dns-metrics',
  title: 'Counters of name servers',
  volatility: 1,
  scope: 'component',
  sampled: true,
  reads: [{ connects: 'pods/portforward', namespaces: ['kube-system'] }],
  componentOf: nameServerOf,
  async *collect(context) {
    if (context.target.kind !== 'component') return
    const port = PORTS[nameServerOf(context.target.pod) ?? '']
    if (port === undefined) return
    yield* askComponent(context, dnsMetrics, [
      { port, path: '/metrics', file: 'metrics.txt', content: { type: 'text' } },
    ])
  },
}

function nameServerOf({ containers }: ObservedPod): string | undefined {
  return containers.find(({ name }) => name in PORTS)?.name
}
