import { type Citation, cite } from './citation.ts'
import type { KubeObject } from './object.ts'

/** Cites the time of the write that an object's managedFields tell for a moment, in the words that stand there. */
export function citeWrite(object: KubeObject, at: number): Citation | undefined {
  const write = object.writes.find((one) => one.at === at)
  const words = new Date(at).toISOString().replace('.000Z', 'Z')
  return write && cite(object, ['metadata', 'managedFields', write.index, 'time'], words)
}
