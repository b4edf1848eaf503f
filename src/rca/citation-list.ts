import type { Citation } from '../incident/citation.ts'

/** Numbers citations as they are used; the same place with the same words has one number. */
export interface CitationList {
  numberOf(citation: Citation): number
  readonly all: readonly Citation[]
}

/** An empty list. */
export function createCitationList(): CitationList {
  const numbers = new Map<string, number>()
  const all: Citation[] = []
  return {
    all,
    numberOf: (citation) => {
      const key = JSON.stringify(
        'line' in citation
          ? [citation.file, citation.line, citation.words]
          : [citation.file, citation.pointer, citation.words],
      )
      const known = numbers.get(key)
      if (known !== undefined) return known
      numbers.set(key, all.length)
      all.push(citation)
      return all.length - 1
    },
  }
}
