import type { LedgerLine, LedgerStatus, Manifest } from '../bundle/format.ts'
import { evidenceOfPortFile, evidenceOfPorts } from './evidence-of-ports.ts'

/**
 * A kind of evidence: a resource as discovery names it (`pods`, `deployments.apps`), `logs`, `previous-logs`, `changes`,
 * `apiserver-metrics`, or one of `OTHER_EVIDENCE`.
 */
export type EvidenceKind = string

/** Evidence that only access to nodes, CNI or AWS brings. */
export const OTHER_EVIDENCE = [
  'kubelet-stats',
  'cadvisor',
  'cgroups',
  'node-pressure',
  'kubelet-metrics',
  'node-logs',
  'kernel-log',
  'conntrack',
  'kernel-network',
  'ena-counters',
  'socket-counters',
  'cni-introspection',
  'coredns-metrics',
  'kube-proxy-metrics',
  'pod-network',
  'aws-ec2',
  'aws-eks',
  'aws-autoscaling',
  'aws-elb',
  'aws-cloudwatch',
  'aws-cloudtrail',
  'aws-quotas',
  'aws-health',
] as const

/** How much of a kind of evidence the bundle holds: `all`, `some`, `none`; and why not all, in the words of the ledger. */
export interface Covered {
  readonly how: 'all' | 'some' | 'none'
  readonly why: string
}

/** What the ledger says of each kind of evidence: absence is never read as health. */
export interface Coverage {
  /** Of a kind of evidence, in one namespace or everywhere. */
  of(kind: EvidenceKind, namespace?: string): Covered
  /** Of a kind of evidence that nodes give, of some nodes, or, where none are named, of those that were asked: what others were not asked is not missing there. Any other kind as `of`. */
  ofNodes(kind: EvidenceKind, nodes: readonly string[]): Covered
  /** Whether an object that is not in the bundle was not in the cluster either. */
  isComplete(kind: EvidenceKind, namespace?: string): boolean
  readonly ledger: readonly LedgerLine[]
}

const WHOLE: readonly LedgerStatus[] = ['complete', 'empty', 'unsupported']

/** Reads the ledger. Where a bundle has no ledger line for a resource but files of it, it is taken for what it is: some of it. */
export function readCoverage(manifest: Manifest, paths: Iterable<string>): Coverage {
  const byKind = groupByKind(manifest.ledger)
  // Whoever needs logs is served by those of previous instances too.
  byKind.set('logs', [...(byKind.get('logs') ?? []), ...(byKind.get('previous-logs') ?? [])])
  const held = new Set([...paths].flatMap(kindsOfPath))
  return {
    ledger: manifest.ledger,
    of,
    ofNodes: (kind) => of(kind),
    isComplete: (kind, namespace) => of(kind, namespace).how === 'all',
  }

  function of(kind: EvidenceKind, namespace?: string): Covered {
    const lines = (byKind.get(kind) ?? []).filter((line) => concerns(line, namespace))
    const missing = lines.filter((line) => !WHOLE.includes(line.status))
    const isWhole = lines.some((line) => WHOLE.includes(line.status) && line.scope.selector === undefined)
    const isLogs = kind === 'logs' || kind === 'previous-logs'
    if (lines.length === 0) {
      return held.has(kind)
        ? { how: 'some', why: 'the ledger has no line for it' }
        : { how: 'none', why: 'this bundle was captured without it' }
    }
    if (missing.length === 0)
      return isWhole || isLogs ? { how: 'all', why: '' } : { how: 'some', why: 'only some of it was asked for' }
    const [first] = missing
    const why = `${first?.status}${first?.reason === undefined ? '' : `: ${first.reason}`}`
    return { how: isWhole || held.has(kind) ? 'some' : 'none', why }
  }
}

function concerns({ scope }: LedgerLine, namespace: string | undefined): boolean {
  return namespace === undefined || scope.namespace === undefined || scope.namespace === namespace
}

/** What kubelets are asked, as rules call it; whatever else nodes are asked is called by its collector. */
const NODE_KINDS: Readonly<Record<string, EvidenceKind>> = {
  'kubelet-summary': 'kubelet-stats',
  'kubelet-cadvisor': 'cadvisor',
}

/** The lines of the ledger by the kinds of evidence that they are about. */
export function groupByKind(lines: readonly LedgerLine[]): Map<EvidenceKind, LedgerLine[]> {
  const pairs = lines.flatMap((line) => kindsOf(line).map((kind) => ({ kind, line })))
  return new Map(
    [...Map.groupBy(pairs, ({ kind }) => kind)].map(([kind, members]) => [kind, members.map(({ line }) => line)]),
  )
}

/** A batch reads more than one kind of evidence for one line; without it the files of cgroups are not read. */
function kindsOf(line: LedgerLine): readonly EvidenceKind[] {
  if (line.scope.node !== undefined && line.collector === 'journal') return ['kernel-log', 'node-logs']
  // Where no agent answered, it is no gap in what others read.
  if (line.collector === 'node-diagnostic' && line.files.length > 0) return ['kernel-log', 'node-logs']
  if (line.scope.node === undefined || line.collector !== 'throttling') return [kindOf(line)]
  const hasCgroups = line.files.some((file) => file.endsWith('/cgroups.txt'))
  return line.files.length > 0 && !hasCgroups ? ['node-pressure'] : ['node-pressure', 'cgroups']
}

function kindOf(line: LedgerLine): EvidenceKind {
  const { scope, collector } = line
  const ofPorts = evidenceOfPorts(line)
  if (ofPorts !== undefined) return ofPorts
  if (collector === 'ena') return kindOfInterfaces(line)
  if (scope.node !== undefined) return NODE_KINDS[collector] ?? collector
  if (scope.resource === 'pods/log') return scope.previous === true ? 'previous-logs' : 'logs'
  if (scope.path === '/metrics') return 'apiserver-metrics'
  if (collector === 'changes') return 'changes'
  return scope.resource ?? scope.path ?? collector
}

/** What interfaces count: a node without ethtool gives their sizes, and nothing of what is counted. */
function kindOfInterfaces({ status, files }: LedgerLine): EvidenceKind {
  const isAnswer = WHOLE.includes(status) || status === 'partial'
  return isAnswer && !files.some(isStatistics) ? 'unserved-ena-counters' : 'ena-counters'
}

function isStatistics(path: string): boolean {
  return path.endsWith('.statistics.txt')
}

function kindsOfPath(path: string): readonly string[] {
  const [top, group = '', , resource = ''] = path.split('/')
  if (top === 'logs') return path.endsWith('.previous.log') ? ['logs', 'previous-logs'] : ['logs']
  if (path === 'apiserver/metrics.txt') return ['apiserver-metrics']
  if (top === 'changes') return ['changes']
  const ofPorts = evidenceOfPortFile(path)
  if (ofPorts !== undefined) return [ofPorts]
  if (top === 'nodes' && resource === 'throttling')
    return path.endsWith('/cgroups.txt') ? ['node-pressure', 'cgroups'] : ['node-pressure']
  if (top === 'nodes' && (resource === 'journal' || resource === 'node-diagnostic')) return ['kernel-log', 'node-logs']
  if (top === 'nodes' && resource === 'ena') return isStatistics(path) ? ['ena-counters'] : []
  if (top === 'nodes') return resource === '' ? [] : [NODE_KINDS[resource] ?? resource]
  if (top !== 'cluster' || resource === '') return []
  return [group === 'core' ? resource : `${resource}.${group}`]
}
