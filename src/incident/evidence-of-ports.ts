import type { LedgerLine } from '../bundle/format.ts'

/** The kinds of evidence that ports of nodes and pods give, by who asks them. */
const OF_COLLECTOR: Readonly<Record<string, string>> = {
  cni: 'cni-introspection',
  'kube-proxy': 'kube-proxy-metrics',
  'dns-metrics': 'coredns-metrics',
  'component-metrics': 'component-metrics',
  'node-logs': 'node-logs',
}

/** Files of a node in which the kernel's words are. */
const KERNEL_FILES = /\/(kern\.log|messages|syslog|dmesg)$/

/**
 * The kind of evidence that a line about a port, or about the log folder of a node, is of; undefined for any other line. What nobody serves is of
 * none: that nobody listens is no proof that all is well, and that one path of several is unknown is no gap.
 */
export function evidenceOfPorts({ collector, scope, status }: LedgerLine): string | undefined {
  const kind = OF_COLLECTOR[collector]
  if (kind === undefined) return undefined
  if (status === 'unsupported') return `unserved-${kind}`
  return kind === 'node-logs' ? kindOfLog(scope.path ?? '') : kind
}

/** The same of a file of the bundle, `nodes/<node>/<sample>/<collector>/…` or `components/<namespace>/<pod>/<sample>/<collector>/…`. */
export function evidenceOfPortFile(path: string): string | undefined {
  const [, collector = ''] = /^(?:nodes\/[^/]+|components\/[^/]+\/[^/]+)\/[^/]+\/([^/]+)\//.exec(path) ?? []
  const kind = OF_COLLECTOR[collector]
  return kind === 'node-logs' ? kindOfLog(path) : kind
}

/** Logs of containers are logs of pods, though a node has them. */
function kindOfLog(path: string): string {
  if (path.includes('/pods/')) return 'kept-logs'
  return KERNEL_FILES.test(path) ? 'kernel-log' : 'node-logs'
}
