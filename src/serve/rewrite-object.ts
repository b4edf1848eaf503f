import type { Row } from './listing.ts'
import type { Found } from './write-objects.ts'

/** An object that is not as it lies in the bundle, with its row. */
export function foundOf(row: Row, object: { readonly metadata?: unknown }): Found {
  const { metadata = {}, ...rest } = object
  const { kind, apiVersion, ...members } = rest as Record<string, unknown>
  const head = JSON.stringify({ kind, apiVersion })
  const before = Buffer.from(head === '{}' ? '{"metadata":' : `${head.slice(0, -1)},"metadata":`)
  const own = Buffer.from(JSON.stringify(metadata))
  const tail = JSON.stringify(members)
  const behind = Buffer.from(tail === '{}' ? '}' : `,${tail.slice(1)}`)
  return {
    row: { ...row, metadata: { start: before.length, end: before.length + own.length } },
    body: Buffer.concat([before, own, behind]),
  }
}
