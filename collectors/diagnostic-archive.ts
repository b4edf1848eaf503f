import type { Close, CollectContext, Evidence, NodeTarget } from '../src/collector.ts'
import { FreezeframeError } from '../src/error.ts'
import { refused } from '../src/sources/kube/ask-pool.ts'
import { KubeError } from '../src/sources/kube/client.ts'
import type { KubeletResponse } from '../src/sources/kubelet/kubelet.ts'
import type { CollectedLogs } from '../src/sources/node/diagnostic/diagnostics.ts'
import { type ArchivedText, type ArchiveEnd, readArchive } from '../src/sources/node/diagnostic/read-archive.ts'
import { nodeFolder } from './ask-node.ts'
import { obtainedBy } from './obtained.ts'

/** What is asked for at a time, so that no archive is held in memory. */
const PART_BYTES = 4 * 1024 * 1024

/** An archive of a node in trouble has some tens of megabytes. */
const MOST_PARTS = 64

/** Milliseconds for a part. */
const PART_MS = 30_000

/** Keeps the texts of the archive that an agent has left on its node, and closes the line of that node. */
export async function* keepArchive(
  context: CollectContext,
  node: NodeTarget,
  { path, complaint }: CollectedLogs,
): AsyncGenerator<Evidence | Close> {
  const scope = { node: node.name }
  const folder = nodeFolder(node.name, 'node-diagnostic', undefined)
  const choice = chooseFiles(context)
  const source = openParts(context, node, `/logs/${path}`)
  const texts = readArchive(source.parts(), choice.isWanted)
  const kept = yield* keepAll()
  yield { type: 'close', scope, ...describeEnd(kept, choice.left(), complaint) }

  async function* keepAll(): AsyncGenerator<Evidence, ArchiveEnd> {
    let files = 0
    try {
      for (;;) {
        const { done, value } = await texts.next()
        if (done) return value
        files++
        yield { type: 'evidence', scope, path: `${folder}/${value.path}`, ...describeText(value) }
      }
    } catch (error) {
      if (files === 0 || context.signal.aborted) throw asKubeError(error)
      return { truncated: (error as Error).message, left: [] }
    }
  }

  function describeText({ path: name, body, truncated }: ArchivedText) {
    const content = CONNECTIONS.test(name) ? ({ type: 'connections' } as const) : ({ type: 'log' } as const)
    return { body, content, obtained: { ...source.obtained(), ...(truncated === undefined ? {} : { truncated }) } }
  }
}

/** Tables of connections, as conntrack and netstat print them. */
const CONNECTIONS = /^(?:networking\/conntrack6?|system\/netstat)\.txt$/

/** Says who the kubelet is to the API server; it is no evidence of anything. */
const CREDENTIALS = /(?:^|\/)kubeconfig(?:\.\w+)?$/

/** `<namespace>_<pod>_<uid>`: logs of containers (pkg/log_collector/collect/commonlogs.go). */
const OF_POD = /^var_log\/([^_/]+)_[^_/]+_[^_/]+\//

/** What the arguments of the capture leave of an archive. */
function chooseFiles({ settings: { full, logs, namespaces } }: CollectContext) {
  let tables = 0
  return {
    isWanted(path: string): boolean {
      const isTable = CONNECTIONS.test(path)
      if (isTable && !full) tables++
      const [, namespace] = OF_POD.exec(path) ?? []
      if (namespace !== undefined && (logs === 'none' || !(namespaces?.includes(namespace) ?? true))) return false
      return !(isTable && !full) && !CREDENTIALS.test(path)
    },
    left: () => (tables === 0 ? [] : ['tables of connections are kept with --full only']),
  }
}

/** The archive, a part at a time, as Go's file server gives it. */
function openParts(context: CollectContext, node: NodeTarget, path: string) {
  const kubelet = context.kube.kubelets.of(node)
  let answer: KubeletResponse | undefined

  async function* parts(): AsyncGenerator<Buffer> {
    for (let part = 0; part < MOST_PARTS; part++) {
      const at = part * PART_BYTES
      const range = `bytes=${at}-${at + PART_BYTES - 1}`
      const options = { signal: context.signal, timeout: PART_MS, anyStatus: true, headers: { range } }
      answer = await kubelet.get(path, options)
      // It had exactly so many parts (RFC 9110 section 15.5.17).
      if (answer.status === 416 && part > 0) return
      if (answer.status > 299) throw refused(path, answer)
      // The reader holds none of it for long, and nobody else has it.
      const { length } = answer.body
      yield answer.body
      if (length < PART_BYTES || answer.status !== 206) return
    }
  }

  return {
    parts,
    obtained() {
      if (!answer) throw new Error('nothing was read')
      return { ...obtainedBy(`GET https://${node.name}:${node.port}${path}`, answer), way: answer.way }
    },
  }
}

function describeEnd(
  { truncated, left }: ArchiveEnd,
  unwanted: readonly string[],
  complaint: string | undefined,
): Pick<Close, 'status' | 'reason'> {
  const reason = [
    ...(truncated === undefined ? [] : [`the rest of the archive is missing: ${truncated}`]),
    ...(left.length === 0 ? [] : [`no text, or too long: ${listSome(left)}`]),
    ...unwanted,
    ...(complaint === undefined ? [] : [`the agent says: ${complaint}`]),
  ].join('; ')
  return { status: truncated === undefined ? 'complete' : 'partial', ...(reason === '' ? {} : { reason }) }
}

/** So many are named, and so much of a name: whoever made the archive has made these too. */
const NAMED = 20
const NAME = 200

function listSome(names: readonly string[]): string {
  const more = names.length > NAMED ? [`and ${names.length - NAMED} more`] : []
  return [...names.slice(0, NAMED).map((name) => name.slice(0, NAME)), ...more].join(', ')
}

function asKubeError(cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code ?? ''
  if (!(cause instanceof FreezeframeError || code.startsWith('Z_'))) return cause
  const message = `The archive of the node monitoring agent cannot be read: ${(cause as Error).message}`
  return new KubeError({ message, status: 0, reason: 'InvalidResponse', cause })
}
