import { parseJson } from '../bundle/parse-json.ts'
import type { BundleReader } from '../bundle/reader.ts'
import { type Citation, citeLine } from './citation.ts'
import { conditionOf, readConditions } from './condition.ts'
import { isTrueAt, type Json, parseTime, recordAt, textAt, timeAt } from './kubernetes.ts'
import { isOwnProbe } from './own-probe.ts'
import type { Ref } from './reference.ts'

/** What a watch saw while the capture ran: of pods that they came and went, of nodes also what became of them, and events. */
export interface WatchedChange {
  /** By the API server's clock. */
  readonly at: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly resource: string
  /** The object itself; of an event what it is about. */
  readonly about: Ref
  readonly uid: string
  readonly reason: string
  readonly says: string
  readonly citation: Citation
}

/** More changes than these are not kept: a storm looks like its beginning. */
const MOST_KEPT = 5000

/** A line holds one object of at most 1.5 MiB (etcd, --max-request-bytes); longer ones are passed over. */
const LONGEST_LINE = 4 * 1024 * 1024

const SEGMENT = /^changes\/(pods|nodes|events)\/\d+\.jsonl$/

/** Reads the recorded watches of pods, nodes and events. A line that cannot be read is left out. */
export async function readWatched(bundle: BundleReader): Promise<readonly WatchedChange[]> {
  const offset = bundle.manifest.window.clockOffsetMs ?? 0
  const kept: WatchedChange[] = []
  const readyOf = new Map<string, string>()
  for (const path of [...bundle.files.keys()].sort()) {
    const [, resource] = SEGMENT.exec(path) ?? []
    if (resource === undefined) continue
    for await (const { number, text } of splitLines(bundle.stream(path))) {
      if (kept.length >= MOST_KEPT) break
      const change = readLine(resource, path, number, text, offset)
      if (change && isNews(change, readyOf)) kept.push(change)
    }
  }
  return kept.sort((a, b) => a.at - b.at || (a.uid < b.uid ? -1 : 1))
}

function readLine(
  resource: string,
  file: string,
  number: number,
  text: string,
  offset: number,
): WatchedChange | undefined {
  const line = parseJson(text)
  const at = parseTime(textAt(line, 'observedAt'))
  const type = textAt(line, 'type')
  const object = recordAt(line, 'object')
  const name = textAt(object, 'metadata', 'name')
  if (at === undefined || name === '' || (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED'))
    return undefined
  if (isOwnProbe(resource, object)) return undefined
  const base = { at: at + offset, type, resource, uid: textAt(object, 'metadata', 'uid') } as const
  if (resource === 'events') return readEvent(base, object, file, number)
  const citation = citeLine(file, number, name)
  if (resource === 'nodes') {
    const says = type === 'DELETED' ? 'The node was removed.' : describeNode(object)
    return { ...base, about: { kind: 'Node', name }, reason: '', says, citation }
  }
  const about = { kind: 'Pod', namespace: textAt(object, 'metadata', 'namespace'), name }
  return { ...base, about, reason: textAt(object, 'status', 'reason'), says: describePod(type, object), citation }
}

function readEvent(
  base: Pick<WatchedChange, 'at' | 'type' | 'resource' | 'uid'>,
  object: Json,
  file: string,
  number: number,
): WatchedChange {
  const regarding = object.involvedObject ?? object.regarding
  const namespace = textAt(regarding, 'namespace')
  const kind = textAt(regarding, 'kind')
  const reason = textAt(object, 'reason')
  return {
    ...base,
    at: timeAt(object, 'lastTimestamp') ?? timeAt(object, 'eventTime') ?? base.at,
    about: { kind, ...(namespace === '' || kind === 'Node' ? {} : { namespace }), name: textAt(regarding, 'name') },
    reason,
    says: textAt(object, 'message') || textAt(object, 'note'),
    citation: citeLine(file, number, reason),
  }
}

/** Pods that came and went, every event, and nodes whose readiness or cordon changed: their heartbeats are no news. */
function isNews({ resource, type, uid, says }: WatchedChange, states: Map<string, string>): boolean {
  if (resource === 'events') return type !== 'DELETED'
  if (resource === 'pods') return type !== 'MODIFIED'
  const isSame = states.get(uid) === says
  states.set(uid, says)
  return !isSame
}

function describeNode(node: Json): string {
  const ready = conditionOf(readConditions(node), 'Ready')?.status || 'unknown'
  return `The node had Ready=${ready}${isTrueAt(node, 'spec', 'unschedulable') ? ' and was cordoned' : ''}.`
}

function describePod(type: string, pod: Json): string {
  if (type === 'ADDED') return 'The pod was created.'
  const node = textAt(pod, 'spec', 'nodeName')
  return `The pod was removed${node === '' ? '' : ` from node ${node}`}.`
}

async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<{ number: number; text: string }> {
  let pending: Buffer[] = []
  let length = 0
  let number = 0
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      pending.push(chunk.subarray(from, end))
      number += 1
      if (length <= LONGEST_LINE) yield { number, text: Buffer.concat(pending).toString('utf8') }
      pending = []
      length = 0
      from = end + 1
    }
    length += chunk.length - from
    if (length <= LONGEST_LINE) pending.push(chunk.subarray(from))
    else pending = []
  }
  if (length > 0 && length <= LONGEST_LINE) yield { number: number + 1, text: Buffer.concat(pending).toString('utf8') }
}
