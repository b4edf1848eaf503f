import type { FreezeframeError } from '../error.ts'
import { invalidOption } from './parse/invalid.ts'
import { suggest } from './suggest.ts'

/** The error of a name that no rule has, with the rules that it may have been meant for. */
export function unknownRule(option: string, name: string, known: readonly string[]): FreezeframeError {
  const near = suggest(name, known)
  const meant = near === undefined ? sharingWords(name, known) : [near]
  const remedy = meant.length === 0 ? 'Run freezeframe explain to see all.' : `Did you mean ${meant.join(', ')}?`
  return invalidOption(option, name, 'is no rule', remedy)
}

const MOST_SUGGESTED = 5

/** Names are made of words, and people remember one of them: `oom`, `dns`. */
function sharingWords(name: string, known: readonly string[]): readonly string[] {
  const words = name
    .toLowerCase()
    .split('-')
    .filter((word) => word.length > 2)
  return known.filter((id) => words.some((word) => id.includes(word))).slice(0, MOST_SUGGESTED)
}
