import type { Close, CollectContext, Collector, Evidence } from '../src/collector.ts'
import { KubeError } from '../src/sources/kube/client.ts'
import { ledgerStatus } from '../src/sources/kube/status.ts'
import { type LogText, type NodeLogs, openNodeLogs } from './node-log-file.ts'
import { chooseLogFiles, choosePodLogs, type PodLogs } from './pod-log-files.ts'

/**
 * Units of systemd that a kubelet is asked about. What the kernel said is no unit, and cannot be asked for (kubernetes/kubernetes,
 * pkg/kubelet/kubelet_server_journal_linux.go).
 */
const UNITS = ['kubelet', 'containerd'] as const

/** Lines of a unit; a kubelet in trouble writes some thousands in an hour. */
const LINES = 5000

/** journalctl has 30 s, then the kubelet ends it (KEP-2258). */
const QUERY_MS = 35_000

/** Files in which a distribution keeps what the kernel said. */
const KERNEL_FILES = ['kern.log', 'messages', 'syslog']
const FILES = [...KERNEL_FILES, 'dmesg', 'kubelet.log', 'containerd.log']

/** Where the Amazon VPC CNI writes (aws/amazon-vpc-cni-k8s, AWS_VPC_K8S_CNI_LOG_FILE and AWS_VPC_K8S_PLUGIN_LOG_FILE). */
const CNI_FOLDER = 'aws-routed-eni/'
const CNI_FILES = ['ipamd.log', 'plugin.log', 'network-policy-agent.log']

/** Logs of containers that are read from one node, at most. */
const PODS = 20
const POD_FILES = 40
const POD_BYTES = 16 * 1024 * 1024

/** What the kubelet, the runtime, the CNI and the kernel of a node wrote, and logs of containers that the API server does not give. */
export const nodeLogs: Collector = {
  id: 'node-logs',
  title: 'Logs of nodes',
  volatility: 2,
  scope: 'node',
  reads: [{ group: '', resources: ['nodes/log'], verbs: ['get'] }],
  async *collect(context) {
    if (context.target.kind !== 'node') return
    const node = openNodeLogs(context, context.target.node, nodeLogs.id)
    const names = yield* node.list('')
    if (!names) return
    for (const unit of UNITS) yield* readUnit(node, unit, context.settings.since)
    for (const name of FILES.filter((one) => names.includes(one))) yield* node.keepTail(name, name)
    if (!KERNEL_FILES.some((one) => names.includes(one))) yield withoutKernel(node)
    yield* readCni(node, names)
    if (context.settings.logs !== 'none' && names.includes('pods/')) yield* readPods(node, context)
  },
}

async function* readUnit(node: NodeLogs, unit: string, since: Date | undefined): AsyncGenerator<Evidence | Close> {
  const scope = node.scope(`?query=${unit}`)
  const query = new URLSearchParams({ query: unit, tailLines: String(LINES) })
  if (since) query.set('sinceTime', since.toISOString().replace(/\.\d+Z$/, 'Z'))
  try {
    const answer = await node.ask(`?${query}`, { timeout: QUERY_MS, page: true })
    const instead = describeInstead(answer.body, answer.contentType)
    if (instead) return yield { type: 'close', scope, ...instead }
    const text: LogText = { answer, path: `?${query}`, body: answer.body, ...describeCut(answer.body) }
    yield* node.keep(scope, `${unit}.journal.log`, async () => text)
  } catch (error) {
    if (!(error instanceof KubeError)) throw error
    yield { type: 'close', scope, status: ledgerStatus(error), reason: error.message }
  }
}

/** A kubelet that answers no queries lists the folder instead; one that does says in a sentence what it has not. */
function describeInstead(body: Buffer, contentType: string): Pick<Close, 'status' | 'reason'> | undefined {
  if (contentType.startsWith('text/html')) {
    return { status: 'unsupported', reason: 'the kubelet answers no queries for logs (enableSystemLogQuery is off)' }
  }
  const words = body.subarray(0, 300).toString('utf8').trim()
  if (words === '' || words === '-- No entries --') return { status: 'empty' }
  if (/^(options present and query resolved to log files|log not found) for/.test(words)) {
    return { status: 'unsupported', reason: `the node's journal has no such unit: ${words.split('\n')[0]}` }
  }
  if (/^(error: journal output|failed to get logging cmd|error getting log for)/.test(words)) {
    return { status: 'failed', reason: words.split('\n')[0] ?? '' }
  }
  return undefined
}

function describeCut(body: Buffer): { truncated?: string } {
  let lines = 0
  for (let at = body.indexOf(10); at >= 0; at = body.indexOf(10, at + 1)) lines++
  return lines < LINES ? {} : { truncated: `the last ${LINES} lines were asked for` }
}

function withoutKernel(node: NodeLogs): Close {
  const reason = `the node has none of ${KERNEL_FILES.join(', ')}: what its kernel said is in the journal, where a kubelet finds units only`
  return { type: 'close', scope: node.scope('kern.log'), status: 'unsupported', reason }
}

async function* readCni(node: NodeLogs, names: readonly string[]): AsyncGenerator<Evidence | Close> {
  if (!names.includes(CNI_FOLDER)) {
    const reason = 'the node has no such folder: no Amazon VPC CNI writes there'
    return yield { type: 'close', scope: node.scope(CNI_FOLDER), status: 'unsupported', reason }
  }
  const files = (yield* node.list(CNI_FOLDER)) ?? []
  for (const name of CNI_FILES.filter((one) => files.includes(one))) yield* node.keepTail(`${CNI_FOLDER}${name}`, name)
}

/** Logs of pods that are gone, and of suspects those that were rotated away, until there are enough. */
async function* readPods(node: NodeLogs, context: CollectContext): AsyncGenerator<Evidence | Close> {
  if (context.target.kind !== 'node') return
  const names = yield* node.list('pods/')
  if (!names) return
  const { namespaces, logs } = context.settings
  const chosen = choosePodLogs(names, await context.target.node.pods(), { namespaces, all: logs === 'all' })
  const budget = { files: POD_FILES, bytes: POD_BYTES }
  let left = Math.max(0, chosen.length - PODS)
  for (const pod of chosen.slice(0, PODS)) left += yield* readPod(node, pod, budget)
  const scope = node.scope('pods/')
  if (left === 0) return yield { type: 'close', scope, status: 'complete' }
  const reason = `${left} more pods or files were left out: of one node ${POD_FILES} files and ${POD_BYTES / 1024 / 1024} MiB of ${PODS} pods are read`
  yield { type: 'close', scope, status: 'truncated', reason }
}

/** What may still be read. */
interface Budget {
  files: number
  bytes: number
}

/** Gives the number of files that were left out. */
async function* readPod(node: NodeLogs, pod: PodLogs, budget: Budget): AsyncGenerator<Evidence | Close, number> {
  const { namespace, name, uid } = pod
  const root = `pods/${pod.folder}`
  const containers = (yield* node.list(root, { namespace, name })) ?? []
  let left = 0
  for (const entry of containers.filter((one) => one.endsWith('/'))) {
    const container = entry.slice(0, -1)
    const more = { namespace, name, container }
    const files = chooseLogFiles((yield* node.list(`${root}${entry}`, more)) ?? [], pod.deleted)
    for (const file of files) {
      if (budget.files === 0 || budget.bytes <= 0) left++
      else {
        budget.files--
        const kept = `pods/${namespace}/${name}/${uid}/${container}/${file.replace(/\.gz$/, '')}`
        budget.bytes -= yield* node.keepTail(`${root}${entry}${file}`, kept, more)
      }
    }
  }
  return left
}
