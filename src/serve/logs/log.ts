import { logPath } from '../../bundle/format.ts'
import type { BundleReader } from '../../bundle/reader.ts'
import { Refusal } from '../refusal.ts'
import { findEnd } from './end.ts'
import { showLines } from './lines.ts'
import { explainMissing } from './missing.ts'
import { type LogPod, readPod } from './pod.ts'
import type { LogQuery } from './query.ts'
import { findTail } from './tail.ts'

/**
 * The log of a container of a captured pod as the kubelet would have answered at `now`: its last lines first, then those of them that are
 * young enough, then so many bytes. Memory does not grow with the log. Rejects with a Refusal for a container that is not named or not
 * there, and for a log that was not captured. Lines that are younger than `until` were not there yet.
 */
export async function openLog(
  bundle: BundleReader,
  captured: unknown,
  query: LogQuery,
  now: Date,
  until?: Date,
): Promise<AsyncIterable<Buffer>> {
  const pod = readPod(captured)
  const container = chooseContainer(pod, query.container)
  const path = logPath({ ...pod, pod: pod.name, container, previous: query.previous })
  if (!bundle.files.has(path)) {
    const refusal = explainMissing(bundle, { pod, container, previous: query.previous })
    if (refusal) throw refusal
    return nothing()
  }
  const size = until === undefined ? (bundle.files.get(path) ?? 0) : await findEnd(bundle, path, until.getTime())
  const start = query.tailLines === undefined ? 0 : await findTail(bundle, path, query.tailLines, size)
  const lines = showLines(takeBytes(bundle.stream(path, start), size - start), {
    timestamps: query.timestamps,
    since: sinceOf(query, now),
  })
  return query.limitBytes === undefined ? lines : takeBytes(lines, query.limitBytes)
}

/** In the API server's words (kubernetes, pkg/registry/core/pod, validateContainer). */
function chooseContainer({ name, containers, all }: LogPod, wanted: string | undefined): string {
  if (wanted !== undefined) {
    if (all.includes(wanted)) return wanted
    throw new Refusal(400, 'BadRequest', `container ${wanted} is not valid for pod ${name}`)
  }
  const [only] = containers
  if (containers.length === 1 && only !== undefined) return only
  const choice = only === undefined ? '' : `, choose one of: [${all.join(' ')}]`
  throw new Refusal(400, 'BadRequest', `a container name must be specified for pod ${name}${choice}`)
}

function sinceOf({ sinceSeconds, sinceTime }: LogQuery, now: Date): number {
  if (sinceSeconds !== undefined) return now.getTime() - sinceSeconds * 1000
  return sinceTime ?? Number.NEGATIVE_INFINITY
}

async function* takeBytes(chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Buffer> {
  let left = limit
  for await (const chunk of chunks) {
    yield chunk.subarray(0, left)
    left -= chunk.length
    if (left <= 0) return
  }
}

async function* nothing(): AsyncGenerator<Buffer> {}
