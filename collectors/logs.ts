import { logPath, type Scope } from '../src/bundle/format.ts'
import type { Close, CollectContext, Collector, Evidence, ObservedContainer, ObservedPod } from '../src/collector.ts'
import { type KubeClient, KubeError, type KubeStream } from '../src/sources/kube/client.ts'
import { ledgerStatus } from '../src/sources/kube/status.ts'
import { createLogWindow, type LogWindow, TIMESTAMP } from './log-window.ts'

/**
 * Bytes of one log that are read before its tail is asked for by lines: the kubelet keeps 10 MiB of the current file unless it was
 * configured otherwise (containerLogMaxSize), and only then is this reached.
 */
const READ_BYTES = 512 * 1024 * 1024

/** Lines of tail that are asked for where the log was too long to be read. */
const TAIL_LINES = 2000

/** A kubelet that does not answer within this time is taken for dead. */
const KUBELET_MS = 10_000

/** Container logs, current and previous, head and tail: each container on its own, the previous instance first, because it dies first. */
export const logs: Collector = {
  id: 'logs',
  title: 'Container logs',
  volatility: 2,
  scope: 'pod',
  reads: [{ group: '', resources: ['pods/log'], verbs: ['get'] }],
  async *collect(context) {
    if (context.target.kind !== 'pod') return
    const { pod, logBytes } = context.target
    const restarted = pod.containers.filter((container) => container.restarts > 0 || container.hasPrevious)
    for (const container of restarted) yield* readLog(context, pod, container, true, logBytes)
    for (const container of pod.containers) yield* readLog(context, pod, container, false, logBytes)
  },
}

async function* readLog(
  context: CollectContext,
  pod: ObservedPod,
  container: ObservedContainer,
  previous: boolean,
  budget: number,
): AsyncGenerator<Evidence | Close> {
  const scope: Scope = {
    resource: 'pods/log',
    namespace: pod.namespace,
    name: pod.name,
    container: container.name,
    ...(previous ? { previous } : {}),
  }
  if (pod.nodeName !== undefined && context.deadNodes.has(pod.nodeName)) {
    yield {
      type: 'close',
      scope,
      status: 'failed',
      reason: `the kubelet of node ${pod.nodeName} did not answer for another log`,
    }
    return
  }
  try {
    yield* storeLog(context, scope, pod, container, previous, budget)
  } catch (error) {
    if (!(error instanceof KubeError)) throw error
    if (isKubeletDead(error) && pod.nodeName !== undefined) context.deadNodes.add(pod.nodeName)
    yield { type: 'close', scope, ...describeFailure(error) }
  }
}

async function* storeLog(
  context: CollectContext,
  scope: Scope,
  pod: ObservedPod,
  container: ObservedContainer,
  previous: boolean,
  budget: number,
): AsyncGenerator<Evidence | Close> {
  const request = logRequest(context, pod, container, previous)
  const window = createLogWindow(budget)
  const { stream, complete } = await fill(context.kube, request, window, context.signal)
  const { body, truncated } = window.finish(complete)
  const voice = kubeletVoice(body)
  if (body.length === 0 || voice !== undefined) {
    yield { type: 'close', scope, status: voice === undefined ? 'empty' : 'gone', ...(voice ? { reason: voice } : {}) }
    return
  }
  yield {
    type: 'evidence',
    scope,
    path: logPath({ ...pod, pod: pod.name, container: container.name, previous }),
    body,
    content: { type: 'log' },
    obtained: {
      request: `GET ${request}`,
      status: stream.status,
      ...(stream.serverDate === undefined ? {} : { serverDate: stream.serverDate }),
      at: new Date().toISOString(),
      ...(truncated === undefined ? {} : { truncated }),
    },
  }
  yield {
    type: 'close',
    scope,
    status: truncated === undefined ? 'complete' : 'truncated',
    ...(truncated ? { reason: truncated } : {}),
  }
}

function logRequest(
  context: CollectContext,
  pod: ObservedPod,
  container: ObservedContainer,
  previous: boolean,
): string {
  const query = new URLSearchParams({ container: container.name, timestamps: 'true' })
  if (previous) query.set('previous', 'true')
  const { since } = context.settings
  // metav1.Time has whole seconds.
  if (since) query.set('sinceTime', since.toISOString().replace(/\.\d+Z$/, 'Z'))
  return `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/log?${query}`
}

/** Reads a log through the window; one that is too long is left half-way, and its last lines are asked for instead. */
async function fill(kube: KubeClient, request: string, window: LogWindow, signal: AbortSignal) {
  const stream = await openLog(kube, request, signal)
  for await (const chunk of stream.body) {
    window.add(chunk)
    if (window.total() >= READ_BYTES) {
      const tail = await openLog(kube, `${request}&tailLines=${TAIL_LINES}`, signal)
      for await (const last of tail.body) window.add(last)
      return { stream, complete: false }
    }
  }
  return { stream, complete: true }
}

function openLog(kube: KubeClient, path: string, signal: AbortSignal): Promise<KubeStream> {
  return kube.stream(path, { signal, verb: 'log', accept: '*/*', timeout: KUBELET_MS })
}

/**
 * An error text that the kubelet served with status 200 ("unable to retrieve container logs for containerd://…",
 * kubernetes/kubernetes, pkg/kubelet/kuberuntime/kuberuntime_logs.go). Every line of a log begins with a timestamp, because we ask for it;
 * its own voice does not.
 */
function kubeletVoice(body: Buffer): string | undefined {
  const first = body.toString('latin1', 0, 300).split('\n')[0] ?? ''
  if (body.length === 0 || TIMESTAMP.test(first) || first.startsWith('--- freezeframe gap')) return undefined
  return `the kubelet answered: ${first}`
}

/** 400 is what the API server and the kubelet say of a container without a log: not started yet, no earlier instance, or removed already. */
function describeFailure(error: KubeError): Pick<Close, 'status' | 'reason'> {
  if (error.status === 400 && /waiting to start|previous terminated container|is not available/.test(error.message)) {
    return { status: 'empty', reason: error.message }
  }
  const isRemoved = error.status === 400 && /is terminated/.test(error.message)
  if (error.status === 404 || isRemoved) return { status: 'gone', reason: error.message }
  return { status: ledgerStatus(error), reason: error.message }
}

/** What the API server says when it cannot reach a kubelet: 500 or 502 with the dialer's words, or nothing in time. */
function isKubeletDead(error: KubeError): boolean {
  if (error.reason === 'Timeout') return true
  return (
    error.status >= 500 &&
    /dial tcp|no route to host|i\/o timeout|connection refused|TLS handshake timeout/.test(error.message)
  )
}
