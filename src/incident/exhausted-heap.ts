import type { Crash } from './crash.ts'
import type { Incident } from './incident.ts'
import { type LastWords, lastWordsOf } from './last-words.ts'
import { is } from './messages/index.ts'

/** The last words of a program that ended because it was out of the memory that it gives itself. */
export function exhaustionOf(incident: Incident, crash: Crash): LastWords | undefined {
  if (crash.end?.reason === 'OOMKilled') return undefined
  const words = lastWordsOf(incident, crash)
  return words && is(words.text, 'heap-exhausted') ? words : undefined
}
