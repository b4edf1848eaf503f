/** What has been told already: nobody reads the same sentence twice and learns from it. */
export interface Told {
  /** Whether a sentence is new; it is told from now on. */
  tell(says: string): boolean
  /** Whether some sentence has these words in it. */
  holds(words: string): boolean
}

/** Nothing is told yet. */
export function createTold(): Told {
  const sentences = new Set<string>()
  return {
    tell(says) {
      const isNew = !sentences.has(says)
      sentences.add(says)
      return isNew
    },
    holds: (words) => [...sentences].some((says) => says.includes(words)),
  }
}
