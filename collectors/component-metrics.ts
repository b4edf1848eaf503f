import type { Collector, ObservedPod } from '../src/collector.ts'
import { askComponent } from './ask-component.ts'

/** A component whose pods count what they do, on a port without TLS and without a login. */
interface Source {
  readonly component: string
  /** What its pods are called, and the container that counts. */
  readonly pod: RegExp
  readonly container: string
  /** The one of today first, then those of older versions. */
  readonly ports: readonly [number, ...number[]]
}

/**
 * Components of clusters on AWS, and those of Kubernetes that decide of nodes. Not metrics-server: it counts behind TLS with a certificate of its own
 * making, and no credential is sent to one that was not verified.
 */
const SOURCES: readonly Source[] = [
  // aws/karpenter-provider-aws, charts/karpenter/values.yaml: controller.metrics.port; 8000 before 1.0.
  { component: 'karpenter', pod: /^karpenter-/, container: 'controller', ports: [8080, 8000] },
  // kubernetes-sigs/aws-load-balancer-controller, docs/deploy/configurations.md: --metrics-bind-addr.
  {
    component: 'aws-load-balancer-controller',
    pod: /^aws-load-balancer-controller-/,
    container: 'aws-load-balancer-controller',
    ports: [8080],
  },
  // kubernetes-sigs/aws-ebs-csi-driver, charts/aws-ebs-csi-driver/templates: --http-endpoint, where enableMetrics is set.
  { component: 'ebs-csi-controller', pod: /^ebs-csi-controller-/, container: 'ebs-plugin', ports: [3301] },
  { component: 'ebs-csi-node', pod: /^ebs-csi-node-/, container: 'ebs-plugin', ports: [3302] },
  // kubernetes/autoscaler, cluster-autoscaler/FAQ.md: --address.
  { component: 'cluster-autoscaler', pod: /cluster-autoscaler-/, container: '', ports: [8085] },
  // aws/eks-node-monitoring-agent, charts: --metrics-address.
  { component: 'eks-node-monitoring-agent', pod: /^eks-node-monitoring-agent-/, container: '', ports: [8003] },
  // kubernetes/node-problem-detector, README: --prometheus-port.
  { component: 'node-problem-detector', pod: /node-problem-detector-/, container: '', ports: [20257] },
]

/** What the components count that make, repair and serve nodes: how far they are behind, what AWS refused them, which problems they saw. */
export const componentMetrics: Collector = {
  id: 'component-metrics',
  title: 'Counters of controllers and agents',
  volatility: 2,
  scope: 'component',
  sampled: true,
  reads: [{ connects: 'pods/portforward', namespaces: ['kube-system'] }],
  componentOf: (pod) => sourceOf(pod)?.component,
  async *collect(context) {
    const source = context.target.kind === 'component' ? sourceOf(context.target.pod) : undefined
    if (!source) return
    const { component, ports } = source
    yield* askComponent(
      context,
      componentMetrics,
      ports.map((port) => ({ port, path: '/metrics', file: `${component}-${port}.txt`, content: { type: 'text' } })),
    )
  },
}

function sourceOf({ name, containers }: ObservedPod): Source | undefined {
  return SOURCES.find(
    ({ pod, container }) => pod.test(name) && (container === '' || containers.some((one) => one.name === container)),
  )
}
