import type { Collector } from '../src/collector.ts'
import { apiDiscovery } from './api-discovery.ts'
import { changes } from './changes.ts'
import { cni } from './cni.ts'
import { componentMetrics } from './component-metrics.ts'
import { conntrack } from './conntrack.ts'
import { controlPlane } from './control-plane.ts'
import { disk } from './disk.ts'
import { dnsMetrics } from './dns-metrics.ts'
import { ena } from './ena.ts'
import { events } from './events.ts'
import { journal } from './journal.ts'
import { kernelNetwork } from './kernel-network.ts'
import { kubeProxy } from './kube-proxy.ts'
import { kubeletCadvisor } from './kubelet-cadvisor.ts'
import { kubeletConfig } from './kubelet-config.ts'
import { kubeletHealth } from './kubelet-health.ts'
import { kubeletMetrics } from './kubelet-metrics.ts'
import { kubeletPods } from './kubelet-pods.ts'
import { kubeletSummary } from './kubelet-summary.ts'
import { leases } from './leases.ts'
import { logs } from './logs.ts'
import { nodeDiagnostic } from './node-diagnostic.ts'
import { nodeLogs } from './node-logs.ts'
import { nodes } from './nodes.ts'
import { objects } from './objects.ts'
import { pods } from './pods.ts'
import { runtime } from './runtime.ts'
import { throttling } from './throttling.ts'

/** Every collector, in the order of volatility. Adding one is a file and a line here. */
export const collectors: readonly Collector[] = [
  changes,
  pods,
  nodes,
  kubeletSummary,
  kubeletCadvisor,
  kubeletMetrics,
  kubeletHealth,
  cni,
  kubeProxy,
  dnsMetrics,
  conntrack,
  kernelNetwork,
  ena,
  throttling,
  events,
  logs,
  nodeLogs,
  componentMetrics,
  kubeletPods,
  journal,
  runtime,
  leases,
  disk,
  controlPlane,
  nodeDiagnostic,
  objects,
  kubeletConfig,
  apiDiscovery,
]
