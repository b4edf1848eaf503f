import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Content } from '../../collector.ts'
import { FreezeframeError } from '../../error.ts'
import { createPseudonyms } from './pseudonym.ts'
import type { Redact, Redacted, RedactSettings } from './redact.ts'

/** A worker redacts as fast as four connections deliver; more have nothing to do, and each costs memory and a warm-up of its own. */
const MOST_WORKERS = 3

/** MiB for short-lived objects, half of a page's in each of three parts. V8's own 48 MiB would only fill up. */
const YOUNG_GENERATION_MIB = 12

/**
 * Milliseconds that one body may take: a hundred times what it needs on a busy machine (a MiB takes about 50). Every rule is linear; this
 * is for the one that is not.
 */
function limitOf(bytes: number): number {
  return 30_000 + (bytes / 2 ** 20) * 5_000
}

/** A body, what it is, and who waits for it. */
interface Job {
  readonly body: Buffer
  readonly content: Content
  resolve(redacted: Redacted): void
  reject(error: Error): void
}

/** A worker with the one body that it has at a time: the others wait here, where they are safe when it has to be ended. */
interface Slot {
  readonly worker: Worker
  job?: Job
  timer?: NodeJS.Timeout
}

/**
 * Opens the redaction stage, on worker threads: the event loop reads and writes meanwhile. What cannot be redacted, or not in time,
 * rejects with REDACTION_FAILED; a worker that dies or is ended for that rejects what it held and is replaced.
 */
export function openRedactPool(
  settings: RedactSettings,
  limit: (bytes: number) => number = limitOf,
): { redact: Redact; keyId: string; close(): Promise<void> } {
  const queue: Job[] = []
  const slots = new Set<Slot>()
  const size = Math.min(MOST_WORKERS, Math.max(1, availableParallelism() - 1))
  let closed = false

  function startWorker(): Slot {
    const worker = new Worker(workerFile(), {
      workerData: settings,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
    })
    const slot: Slot = { worker }
    worker.on('message', (answer: { error?: string } & Redacted) => settle(slot, answer))
    worker.on('error', (error) => lose(slot, error))
    worker.on('exit', () => lose(slot, new Error('the redaction ended')))
    slots.add(slot)
    return slot
  }

  /** Gives what waits to whoever is free; an idle worker does not keep the process alive. */
  function dispatch(): void {
    while (queue.length > 0) {
      const slot = [...slots].find(({ job }) => !job) ?? (slots.size < size ? startWorker() : undefined)
      if (!slot) return
      give(slot, takeSmallest(queue))
    }
  }

  function give(slot: Slot, job: Job): void {
    const { body, content } = job
    const moved = body.byteLength === body.buffer.byteLength ? (body as Uint8Array<ArrayBuffer>) : new Uint8Array(body)
    const milliseconds = limit(moved.byteLength)
    slot.job = job
    slot.timer = setTimeout(() => {
      lose(slot, new Error(`not redacted within ${Math.round(milliseconds / 1000)} s`))
      slot.worker.terminate()
    }, milliseconds)
    slot.worker.ref()
    slot.worker.postMessage({ body: moved, content }, [moved.buffer as ArrayBuffer])
  }

  function release(slot: Slot): Job | undefined {
    const { job } = slot
    clearTimeout(slot.timer)
    delete slot.job
    slot.worker.unref()
    return job
  }

  function settle(slot: Slot, answer: { error?: string } & Redacted): void {
    const job = release(slot)
    if (answer.error !== undefined) job?.reject(new Error(answer.error))
    else {
      const { buffer, byteOffset, byteLength } = answer.body as Uint8Array<ArrayBuffer>
      job?.resolve({
        ...answer,
        body: Buffer.from(buffer, byteOffset, byteLength),
        release: () => void buffer.transfer(0),
      })
    }
    dispatch()
  }

  function lose(slot: Slot, error: Error): void {
    slots.delete(slot)
    release(slot)?.reject(error)
    if (!closed) dispatch()
  }

  startWorker().worker.unref()

  function send(body: Buffer, content: Content): Promise<Redacted> {
    return new Promise((resolve, reject) => {
      if (closed) throw new Error('the redaction ended')
      queue.push({ body, content, resolve, reject })
      dispatch()
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
      for (const job of queue.splice(0)) job.reject(new Error('the redaction ended'))
      await Promise.all([...slots].map(({ worker }) => worker.terminate()))
    },
  }
}

/** Whoever waits for a small answer asks for the next one only then; behind a page of a long list, the next page is on its way already. */
function takeSmallest(queue: Job[]): Job {
  const smallest = queue.reduce((best, job) => (job.body.length < best.body.length ? job : best))
  queue.splice(queue.indexOf(smallest), 1)
  return smallest
}

/** Sources run as TypeScript, the published package as JavaScript, each with its worker beside it. */
function workerFile(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './redact-worker.js', import.meta.url)
}
