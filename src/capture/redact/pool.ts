import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Content } from '../../collector.ts'
import { FreezeframeError } from '../../error.ts'
import { createRedactor, type Redact, type Redacted, type RedactSettings } from './redact.ts'

/** Bodies below this are done at once: a trip to a worker costs more. */
const INLINE_BYTES = 64 * 1024

/** More workers than lists at work have nothing to do. */
const MOST_WORKERS = 4

interface Waiting {
  readonly worker: Worker
  resolve(redacted: Redacted): void
  reject(error: Error): void
}

/**
 * Opens the redaction stage: large bodies go to worker threads, small ones are done here. What cannot be redacted rejects with
 * REDACTION_FAILED; a worker that dies rejects what it held and is replaced.
 */
export function openRedactPool(settings: RedactSettings): { redact: Redact; keyId: string; close(): Promise<void> } {
  const inline = createRedactor(settings)
  const waiting = new Map<number, Waiting>()
  const workers: Worker[] = []
  const size = Math.min(MOST_WORKERS, Math.max(1, availableParallelism()))
  let jobs = 0
  let closed = false

  function startWorker(slot: number): Worker {
    const worker = new Worker(workerFile(), { workerData: settings })
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
    keyId: inline.keyId,
    async redact(body, content) {
      try {
        return body.length < INLINE_BYTES ? inline.redact(body, content) : await send(body, content)
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
