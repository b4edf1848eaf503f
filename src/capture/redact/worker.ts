import { parentPort, workerData } from 'node:worker_threads'
import type { Content } from '../../collector.ts'
import { createRedactor, type RedactSettings } from './redact.ts'

/** What the pool sends, and what it gets back. Buffers are moved, not copied. */
export interface RedactJob {
  readonly body: Uint8Array
  readonly content: Content
}

const settings = workerData as RedactSettings
const redactor = createRedactor({ ...settings, key: Buffer.from(settings.key) })

parentPort?.on('message', ({ body, content }: RedactJob) => {
  try {
    const given = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    const redacted = redactor.redact(given, content)
    const moved = ownBytes(redacted.body)
    // Megabytes that the collector of garbage would see only much later.
    if (moved.buffer !== body.buffer) (body.buffer as ArrayBuffer).transfer(0)
    parentPort?.postMessage({ ...redacted, body: moved }, [moved.buffer])
  } catch (error) {
    parentPort?.postMessage({ error: error instanceof Error ? error.message : String(error) })
  }
})

/** A buffer of Node's shared pool cannot be moved. */
function ownBytes(buffer: Buffer): Uint8Array<ArrayBuffer> {
  if (buffer.byteLength === buffer.buffer.byteLength) return new Uint8Array(buffer.buffer as ArrayBuffer)
  return new Uint8Array(buffer)
}
