import { convertEvent } from './event-versions.ts'
import type { Found } from './write-objects.ts'

/** An event as the other of its two groups writes it. */
export function rewriteEvents({ row, body }: Found, as: 'v1' | 'events.k8s.io/v1'): Found {
  const converted = convertEvent(JSON.parse(body.toString('utf8')), as)
  const text = Buffer.from(JSON.stringify(converted))
  const metadata = Buffer.from(JSON.stringify((converted as { metadata?: unknown }).metadata ?? {}))
  const start = text.indexOf(metadata)
  return { row: { ...row, metadata: { start, end: start + metadata.length } }, body: text }
}
