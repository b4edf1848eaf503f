import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Scope } from '../src/bundle/format.ts'
import type { Close, CollectContext, Evidence, NodeTarget } from '../src/collector.ts'
import type { PoolRequest } from '../src/sources/kube/ask-pool.ts'
import { KubeError } from '../src/sources/kube/client.ts'
import { ledgerStatus } from '../src/sources/kube/status.ts'
import type { KubeletResponse } from '../src/sources/kubelet/kubelet.ts'
import { nodeFolder } from './ask-node.ts'
import { readListing } from './log-listing.ts'
import { obtainedBy } from './obtained.ts'

/** Of one file its end is read. */
const TAIL_BYTES = 2 * 1024 * 1024

/**
 * A rotated log is 10 MiB before it is compressed, unless containerLogMaxSize says otherwise; what is larger than this, or unpacks to more, is left
 * alone.
 */
const PACKED_BYTES = 8 * 1024 * 1024
const UNPACKED_BYTES = 64 * 1024 * 1024

const unpack = promisify(gunzip)

/** The log folder of a node, `/var/log`, which its kubelet serves. */
export interface NodeLogs {
  /** Asks for a path below the folder. */
  ask(path: string, request?: Partial<PoolRequest>): Promise<KubeletResponse>
  /** What a line of the ledger is about. */
  scope(path: string, more?: Partial<Scope>): Scope
  /** Names in a folder; where it cannot be read its line says why, and there is nothing below it. */
  list(path: string, more?: Partial<Scope>): AsyncGenerator<Close, string[] | undefined>
  /** Keeps what was asked for, with its line; gives the bytes that were kept. */
  keep(scope: Scope, file: string, read: () => Promise<LogText>): AsyncGenerator<Evidence | Close, number>
  /** Keeps the end of a file, in plain text where it was compressed. */
  keepTail(path: string, file: string, more?: Partial<Scope>): AsyncGenerator<Evidence | Close, number>
}

/** Text of a log, and the answer that it came with. */
export interface LogText {
  readonly answer: KubeletResponse
  /** As asked, for the manifest. */
  readonly path: string
  readonly body: Buffer
  /** Why and how it is shorter than what the node has. */
  readonly truncated?: string
}

/** Opens the log folder of a node; nothing is asked yet. */
export function openNodeLogs(context: CollectContext, target: NodeTarget, collector: string): NodeLogs {
  const kubelet = context.kube.kubelets.of(target)
  const folder = nodeFolder(target.name, collector, undefined)

  const node: NodeLogs = {
    ask: (path, request) => kubelet.get(`/logs/${path}`, { ...request, signal: context.signal }),
    scope: (path, more) => ({ ...more, node: target.name, path: `/logs/${path}` }),
    async *list(path, more) {
      try {
        return readListing((await node.ask(encode(path), { page: true })).body)
      } catch (error) {
        // Without the folder itself there are no logs to be gone: the kubelet does not serve them.
        const failure = describeFailure(error)
        const status = path === '' && failure.status === 'gone' ? 'unsupported' : failure.status
        yield { type: 'close', scope: node.scope(path, more), ...failure, status }
        return undefined
      }
    },
    async *keep(scope, file, read) {
      try {
        const text = await read()
        const { length } = text.body
        if (length > 0) yield { type: 'evidence', scope, path: `${folder}/${file}`, ...asEvidence(target, text) }
        yield { type: 'close', scope, ...describeText(text.truncated, length) }
        return length
      } catch (error) {
        yield { type: 'close', scope, ...describeFailure(error) }
        return 0
      }
    },
    keepTail: (path, file, more) => node.keep(node.scope(path, more), file, () => readTail(node, encode(path))),
  }
  return node
}

function encode(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

function asEvidence(target: NodeTarget, { answer, path, body, truncated }: LogText) {
  const obtained = {
    ...obtainedBy(`GET https://${target.name}:${target.port}/logs/${path}`, answer),
    way: answer.way,
    ...(truncated === undefined ? {} : { truncated }),
  }
  return { body, content: { type: 'log' }, obtained } as const
}

function describeText(truncated: string | undefined, length: number): Pick<Close, 'status' | 'reason'> {
  if (length === 0) return { status: 'empty' }
  return truncated === undefined ? { status: 'complete' } : { status: 'truncated', reason: truncated }
}

/** A file may be rotated or removed between the listing and the question. */
function describeFailure(error: unknown): Pick<Close, 'status' | 'reason'> {
  if (!(error instanceof KubeError)) throw error
  const { message: reason } = error
  if (error.reason === 'TooLarge') return { status: 'truncated', reason }
  return { status: error.status === 404 ? 'gone' : ledgerStatus(error), reason }
}

async function readTail(node: NodeLogs, path: string): Promise<LogText> {
  if (path.endsWith('.gz')) return readPacked(node, path)
  const answer = await node.ask(path, { headers: { range: `bytes=-${TAIL_BYTES}` } })
  const isTail = answer.status === 206 && answer.body.length >= TAIL_BYTES
  return { answer, path, ...keepEnd(answer.body, isTail) }
}

async function readPacked(node: NodeLogs, path: string): Promise<LogText> {
  const answer = await node.ask(path, { maxBytes: PACKED_BYTES })
  try {
    return { answer, path, ...keepEnd(await unpack(answer.body, { maxOutputLength: UNPACKED_BYTES }), false) }
  } catch (cause) {
    const message = `${path} cannot be unpacked: ${(cause as Error).message}`
    throw new KubeError({ message, status: 0, reason: 'InvalidResponse', cause })
  }
}

/** The last bytes, from the beginning of a line. */
function keepEnd(body: Buffer, isTail: boolean): { body: Buffer; truncated?: string } {
  if (!isTail && body.length <= TAIL_BYTES) return { body }
  const tail = body.subarray(-TAIL_BYTES)
  const mebibytes = TAIL_BYTES / 1024 / 1024
  // A copy: a part would keep the whole alive, and could not be moved to another thread.
  return {
    body: Buffer.from(tail.subarray(tail.indexOf(10) + 1)),
    truncated: `the last ${mebibytes} MiB of it are kept`,
  }
}
