import { logPath, type Scope } from '../src/bundle/format.ts'
import type { Close, CollectContext, Collector, Evidence, ObservedContainer, ObservedPod } from '../src/collector.ts'
import { type KubeClient, KubeError, type KubeStream } from '../src/sources/kube/client.ts'
import { ledgerStatus } from '../src/sources/kube/status.ts'
import { inTurn, type Turn } from './in-turn.ts'
import { createLogWindow, type LogEnding, type LogWindow } from './log-window.ts'
import { obtainedBy } from './obtained.ts'

/**
 * Bytes of one log that are read before its tail is asked for by lines: the kubelet keeps 10 MiB of the current file unless it was
 * configured otherwise (containerLogMaxSize), and only then is this reached.
 */
const READ_BYTES = 512 * 1024 * 1024

/** Lines of tail that are asked for where the log was too long to be read. */
const TAIL_LINES = 2000

/** A kubelet has this long to answer. */
const KUBELET_MS = 10_000

/** One that was silent so often in a row is taken for dead: a single container's log may hang where all others are fine. */
const SILENCES = 3

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
    if (pod.containers.length === 0) yield neverStarted(pod)
    const restarted = pod.containers.filter((container) => container.restarts > 0 || container.hasPrevious)
    yield* inTurn([
      ...restarted.map((container) => logOf(context, { pod, container, previous: true, budget: logBytes })),
      ...pod.containers.map((container) => logOf(context, { pod, container, previous: false, budget: logBytes })),
    ])
  },
}

/** A pod that no node has taken has no container that could have said anything. */
function neverStarted({ namespace, name }: ObservedPod): Close {
  const scope = { resource: 'pods/log', namespace, name }
  return { type: 'close', scope, status: 'empty', reason: 'none of its containers was ever started' }
}

/** One log: a container's current instance, or the one before. */
interface Log {
  readonly pod: ObservedPod
  readonly container: ObservedContainer
  readonly previous: boolean
  /** Bytes to keep. */
  readonly budget: number
}

function logOf(context: CollectContext, log: Log): Turn {
  const scope = {
    resource: 'pods/log',
    namespace: log.pod.namespace,
    name: log.pod.name,
    container: log.container.name,
    ...(log.previous ? { previous: true } : {}),
  }
  return { scope, collect: () => readLog(context, scope, log) }
}

async function* readLog(context: CollectContext, scope: Scope, log: Log): AsyncGenerator<Evidence | Close> {
  const { silences } = context
  const node = log.pod.nodeName ?? ''
  if ((silences.get(node) ?? 0) >= SILENCES) {
    const reason = `the kubelet of node ${node} did not answer for other logs`
    yield { type: 'close', scope, status: 'failed', reason }
    return
  }
  try {
    yield* storeLog(context, scope, log)
  } catch (error) {
    if (!(error instanceof KubeError)) throw error
    if (node !== '') silences.set(node, silencesAfter(error, silences.get(node) ?? 0))
    yield { type: 'close', scope, ...describeFailure(error) }
  }
}

function silencesAfter(error: KubeError, before: number): number {
  if (error.reason === 'Timeout') return before + 1
  return isUnreachable(error) ? Number.POSITIVE_INFINITY : before
}

async function* storeLog(context: CollectContext, scope: Scope, log: Log): AsyncGenerator<Evidence | Close> {
  const { pod, container, previous, budget } = log
  const request = logRequest(context, log)
  const window = createLogWindow(budget)
  const { stream, ending, failure } = await fill(context.kube, request, window, context.signal)
  context.silences.delete(pod.nodeName ?? '')
  const { body, truncated } = window.finish(ending)
  const instead = body.length === 0 ? ({ status: 'empty' } as const) : kubeletVoice(body)
  if (instead) return yield { type: 'close', scope, ...instead }
  yield {
    type: 'evidence',
    scope,
    path: logPath({ ...pod, pod: pod.name, container: container.name, previous }),
    body,
    content: { type: 'log' },
    obtained: {
      ...obtainedBy(`GET ${request}`, { ...stream, at: new Date() }),
      ...(truncated === undefined ? {} : { truncated }),
    },
  }
  if (failure instanceof KubeError) yield { type: 'close', scope, status: 'partial', reason: failure.message }
  else if (failure !== undefined) throw failure
  else if (truncated === undefined) yield { type: 'close', scope, status: 'complete' }
  else yield { type: 'close', scope, status: 'truncated', reason: truncated }
}

function logRequest(context: CollectContext, { pod, container, previous }: Log): string {
  const query = new URLSearchParams({ container: container.name, timestamps: 'true' })
  if (previous) query.set('previous', 'true')
  const { since } = context.settings
  // metav1.Time has whole seconds.
  if (since) query.set('sinceTime', since.toISOString().replace(/\.\d+Z$/, 'Z'))
  return `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/log?${query}`
}

interface Filled {
  readonly stream: KubeStream
  readonly ending: LogEnding
  /** Why the log broke off. */
  readonly failure?: unknown
}

/**
 * Reads a log through the window; one that is too long is left half-way, and its last lines are asked for instead. What came before a
 * failure, or before the run ended, is kept.
 */
async function fill(kube: KubeClient, request: string, window: LogWindow, signal: AbortSignal): Promise<Filled> {
  const stream = await openLog(kube, request, signal)
  try {
    for await (const chunk of stream.body) {
      window.add(chunk)
      if (window.total() < READ_BYTES) continue
      const tail = await openLog(kube, `${request}&tailLines=${TAIL_LINES}`, signal)
      window.skip()
      for await (const last of tail.body) window.add(last)
      break
    }
    return { stream, ending: 'whole' }
  } catch (failure) {
    if (window.total() === 0) throw failure
    return { stream, ending: 'broken', failure }
  }
}

function openLog(kube: KubeClient, path: string, signal: AbortSignal): Promise<KubeStream> {
  return kube.stream(path, { signal, verb: 'log', accept: '*/*', timeout: KUBELET_MS })
}

/**
 * The kubelet's own words in the place of a log, with status 200 (kubernetes/kubernetes, pkg/kubelet/kuberuntime: "unable to retrieve
 * container logs for containerd://…" of a container that is removed, "failed to open log file …"; issues 52172, 102170).
 */
const KUBELET_WORDS = /^(unable to|failed to|rpc error:|error (from|response|while|getting)) .*/i

/** Longer than any of them. */
const LONGEST_WORDS = 4096

/**
 * An error text that was served as a log: one line without the timestamp that every line of a log has, because we ask for it. A kubelet
 * that gives no timestamps at all (virtual ones) does not lose its logs by this.
 */
function kubeletVoice(body: Buffer): Pick<Close, 'status' | 'reason'> | undefined {
  if (body.length > LONGEST_WORDS) return undefined
  const words = body.toString('utf8').trimEnd()
  if (words.includes('\n') || !KUBELET_WORDS.test(words)) return undefined
  const isGone = /^unable to retrieve container logs|no such file|not ?found/i.test(words)
  return { status: isGone ? 'gone' : 'failed', reason: `the kubelet answered: ${words}` }
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

/**
 * What the API server says when it cannot reach a kubelet: 500 or 502 with the dialer's words ("dial tcp …: connection refused", "error
 * dialing backend: …", "proxy error … while dialing …"), or those of a tunnel without an agent (konnectivity).
 */
function isUnreachable(error: KubeError): boolean {
  return (
    error.status >= 500 &&
    /\bdial(ing)?\b|no agent available|no route to host|i\/o timeout|connection refused|TLS handshake timeout/i.test(
      error.message,
    )
  )
}
