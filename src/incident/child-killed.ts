import type { Crash } from './crash.ts'
import type { Incident } from './incident.ts'
import { type LastWords, lastWordsOf } from './last-words.ts'
import { is } from './messages/index.ts'

/**
 * The words of a shell whose child was killed, and which lived to tell it and ended with 137: whoever ends a container kills the shell too,
 * the kernel for want of memory only the largest process.
 */
export function childKilledOf(incident: Incident, crash: Crash): LastWords | undefined {
  if (crash.end?.exitCode !== 137 || crash.end.reason === 'OOMKilled') return undefined
  const words = lastWordsOf(incident, crash)
  return words && is(words.text, 'child-killed') ? words : undefined
}
