import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Content } from '../../collector.ts'
import { FreezeframeError } from '../../error.ts'
import { createPseudonyms } from './pseudonym.ts'
import type { Redact, Redacted, RedactSettings } from './redact.ts'

/** A worker redacts as fast as four connections deliver; more have nothing to do, and each costs memory and a warm-up of its own. */
const MOST_WORKERS = 3

/** MiB for short-lived objects: pages are outside of the heap, and a scan makes few objects. V8's own 48 MiB would only fill up. */
const YOUNG_GENERATION_MIB = 8

interface Waiting {
  readonly worker: Worker
  resolve(redacted: Redacted): void
  reject(error: Error): void
}

/**
 * Opens the redaction stage, on worker threads: the event loop reads and writes meanwhile. What cannot be redacted rejects with
 * REDACTION_FAILED; a worker that dies rejects what it held and is replaced.
 */
export function openRedactPool(settings: RedactSettings): { redact: Redact; keyId: string; close(): Promise<void> } {
  const waiting = new Map<number, Waiting>()
  const workers: Worker[] = []
  const size = Math.min(MOST_WORKERS, Math.max(1, availableParallelism() - 1))
  let jobs = 0
  let closed = false

  function startWorker(slot: number): Worker {
    const worker = new Worker(workerFile(), {
      workerData: settings,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
    })
    worker.unref()
    worker.on('message', (answer: { id: number; error?: string } & Redacted) => settle(answer))
    worker.on('error', (error) => lose(slot, worker, error))
    worker.on('exit', () => lose(slot, worker, new Error('it ended')))
    workers[slot] = worker
    return worker
  }

  function settle(answer: { id: number; error?: string } & Redacted): void {
    const job = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (answer.error !== undefined) job?.reject(new Error(answer.error))
    else
      job?.resolve({ ...answer, body: Buffer.from(answer.body.buffer, answer.body.byteOffset, answer.body.byteLength) })
  }

  function lose(slot: number, worker: Worker, error: Error): void {
    for (const [id, job] of waiting) {
      if (job.worker !== worker) continue
      waiting.delete(id)
      job.reject(error)
    }
    if (!closed && workers[slot] === worker) delete workers[slot]
  }

  function send(body: Buffer, content: Content): Promise<Redacted> {
    const id = jobs++
    const slot = id % size
    const worker = workers[slot] ?? startWorker(slot)
    const moved = body.byteLength === body.buffer.byteLength ? (body as Uint8Array<ArrayBuffer>) : new Uint8Array(body)
    return new Promise((resolve, reject) => {
      waiting.set(id, { worker, resolve, reject })
      worker.postMessage({ id, body: moved, content }, [moved.buffer as ArrayBuffer])
    })
  }

  return {
    keyId: createPseudonyms(settings.key).keyId,
    async redact(body, content) {
      try {
        return await send(body, content)
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause)
        throw new FreezeframeError('REDACTION_FAILED', message, { cause })
      }
    },
    async close() {
      closed = true
      await Promise.all(workers.map((worker) => worker?.terminate()))
    },
  }
}

/** Sources run as TypeScript, the published package as JavaScript, each with its worker beside it. */
function workerFile(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './redact-worker.js', import.meta.url)
}
