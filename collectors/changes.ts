import { changesPath, type Scope } from '../src/bundle/format.ts'
import type { Close, CollectContext, Collector, Evidence } from '../src/collector.ts'
import type { KubeClient } from '../src/sources/kube/client.ts'
import { meterRequests } from '../src/sources/kube/meter.ts'
import { type WatchChange, watchChanges } from '../src/sources/kube/watch.ts'
import { listFailure, listPath } from './list-resource.ts'

/** A segment is written when it has this many bytes or is this old: what a killed run loses at the most. */
const SEGMENT_BYTES = 1024 * 1024
const SEGMENT_MS = 5000

/** A capture of no more than this may end before a watch is answered, and has missed next to nothing; in a longer one the answer is overdue. */
const ANSWER_MS = 3000

/** What is watched: all that a failing pod changes while everything else is still being read. */
const WATCHED = [
  { group: '', version: 'v1', resource: 'pods', namespaced: true },
  { group: '', version: 'v1', resource: 'nodes', namespaced: false },
  { group: '', version: 'v1', resource: 'events', namespaced: true },
]

type Watched = (typeof WATCHED)[number]

/** One watch on pods, nodes and events from the run's first second to its last: what was created, changed or deleted meanwhile. */
export const changes: Collector = {
  id: 'changes',
  title: 'Changes during the capture',
  volatility: 0,
  scope: 'cluster',
  reads: [{ group: '', resources: ['pods', 'nodes', 'events'], verbs: ['list', 'watch'] }],
  async *collect(context) {
    const stop = AbortSignal.any([context.signal, context.recording])
    const outbox = createOutbox()
    const recordings = WATCHED.flatMap((watched) =>
      namespacesOf(watched, context).map((namespace) => ({ watched, namespace })),
    )
    const numbers = new Map<string, number>()
    const recorded = recordings.map(({ watched, namespace }) =>
      record(context, watched, namespace, stop, (scope, lines) =>
        outbox.put(describeSegment(watched, scope, lines, numbers)),
      ),
    )
    const all = Promise.all(recorded).finally(outbox.end)
    yield* outbox.items()
    yield* await all
  },
}

function namespacesOf(watched: Watched, context: CollectContext): (string | undefined)[] {
  return watched.namespaced && context.settings.namespaces ? [...context.settings.namespaces] : [undefined]
}

/** Watches one resource until the recording ends; resolves with its line in the ledger, also where it failed, so that the others go on. */
async function record(
  context: CollectContext,
  watched: Watched,
  namespace: string | undefined,
  stop: AbortSignal,
  cut: (scope: Scope, lines: readonly Buffer[]) => void,
): Promise<Close> {
  const scope = { resource: watched.resource, ...(namespace === undefined ? {} : { namespace }), path: 'watch' }
  const segment = createSegment((lines) => cut(scope, lines))
  const seen = { asked: performance.now(), began: false, changes: 0, gaps: 0 }
  const meter = meterRequests(context.kube)
  const kube = noticeStream(meter.kube, () => {
    seen.began = true
  })
  try {
    for await (const change of watchChanges(kube, { path: listPath(watched, namespace), signal: stop })) {
      segment.add(describeChange(change))
      if (change.type === 'GAP') seen.gaps++
      else seen.changes++
      if (watched.resource === 'pods') hintTerminating(context, change)
    }
    return { type: 'close', scope, ...describeEnd(seen), cost: meter.take() }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { type: 'close', scope, status: await listFailure(context, watched, error), reason, cost: meter.take() }
  } finally {
    segment.end()
  }
}

/** Tells when a watch is answered: until then, that nothing was seen says nothing. */
function noticeStream(kube: KubeClient, notice: () => void): KubeClient {
  return {
    ...kube,
    async stream(path, options) {
      const stream = await kube.stream(path, options)
      notice()
      return stream
    },
  }
}

function describeEnd(seen: Seen): Pick<Close, 'status' | 'reason'> {
  if (seen.gaps > 0) return { status: 'partial', reason: `the watch broke off ${seen.gaps} times` }
  if (seen.began) return { status: seen.changes > 0 ? 'complete' : 'empty' }
  const isDue = performance.now() - seen.asked >= ANSWER_MS
  return { status: isDue ? 'timed-out' : 'empty', reason: 'the capture ended before the watch had begun' }
}

/** What one watch has brought so far. */
interface Seen {
  readonly asked: number
  readonly began: boolean
  readonly changes: number
  readonly gaps: number
}

/** One JSON line; the object's bytes are those that the server sent. */
function describeChange(change: WatchChange): Buffer {
  const head = `{"observedAt":"${change.observedAt.toISOString()}","type":"${change.type}"`
  if (change.type === 'GAP') return Buffer.from(`${head},"reason":${JSON.stringify(change.reason)}}\n`)
  return Buffer.concat([Buffer.from(`${head},"object":`), change.object, Buffer.from('}\n')])
}

/** A pod that starts Terminating takes its logs with it. Its deletion is seen twice, as a change and at the end; the first is in time. */
function hintTerminating(context: CollectContext, change: WatchChange): void {
  if (change.type !== 'MODIFIED' || !change.object.includes('"deletionTimestamp":"')) return
  const { metadata } = JSON.parse(change.object.toString('utf8')) as {
    metadata: { name: string; namespace: string; uid: string; deletionTimestamp?: string }
  }
  if (metadata.deletionTimestamp === undefined) return
  const { name, namespace, uid } = metadata
  context.hint({ kind: 'Pod', namespace, name, uid }, 'terminating')
}

/** Collects lines until they are enough or old enough. */
function createSegment(cut: (lines: readonly Buffer[]) => void) {
  let lines: Buffer[] = []
  let bytes = 0
  let timer: NodeJS.Timeout | undefined

  function end(): void {
    clearTimeout(timer)
    timer = undefined
    if (lines.length > 0) cut(lines)
    lines = []
    bytes = 0
  }

  return {
    add(line: Buffer): void {
      lines.push(line)
      bytes += line.length
      timer ??= setTimeout(end, SEGMENT_MS)
      if (bytes >= SEGMENT_BYTES) end()
    },
    end,
  }
}

function describeSegment(
  watched: Watched,
  scope: Scope,
  lines: readonly Buffer[],
  numbers: Map<string, number>,
): Evidence {
  const number = (numbers.get(watched.resource) ?? 0) + 1
  numbers.set(watched.resource, number)
  return {
    type: 'evidence',
    scope,
    path: changesPath(watched.resource, number),
    body: Buffer.concat(lines),
    content: { type: 'changes', group: watched.group, resource: watched.resource },
    obtained: { request: 'watch', at: new Date().toISOString() },
  }
}

/** Hands over what several recordings put in to the one generator that yields it. */
function createOutbox() {
  const waiting: Evidence[] = []
  let wake = Promise.withResolvers<void>()
  let ended = false
  return {
    put(evidence: Evidence): void {
      waiting.push(evidence)
      wake.resolve()
    },
    end(): void {
      ended = true
      wake.resolve()
    },
    async *items(): AsyncGenerator<Evidence> {
      for (;;) {
        const next = waiting.shift()
        if (next) yield next
        else if (ended) return
        else {
          await wake.promise
          wake = Promise.withResolvers()
        }
      }
    },
  }
}
