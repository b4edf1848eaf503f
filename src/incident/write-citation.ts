import { type Citation, cite } from './citation.ts'
import type { KubeObject } from './object.ts'
import type { Write } from './writes.ts'

/** Cites when a write was: the time of its entry, in the API server's words; where it has none, who wrote. */
export function citeWrite(object: KubeObject, { index, at, manager }: Write): Citation {
  const entry = ['metadata', 'managedFields', index]
  if (at === undefined || at % 1000 !== 0) return cite(object, [...entry, 'manager'], manager)
  return cite(object, [...entry, 'time'], showTime(at))
}

/** Cites the write that an object's managedFields tell for a moment. */
export function citeWriteAt(object: KubeObject, at: number): Citation | undefined {
  const write = object.writes.find((one) => one.at === at)
  return write && citeWrite(object, write)
}

/** A time as the API server writes it, in whole seconds. */
function showTime(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
