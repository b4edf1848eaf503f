/** Finds which of many words stand in a line, in one pass over its bytes whatever their number; the case of letters does not count. */
export interface Keywords {
  /** Marks in `found` every owner of a word that stands between the offsets; false if there is none. */
  scan(bytes: Uint8Array, from: number, to: number, found: Uint8Array): boolean
}

/**
 * An Aho-Corasick automaton as one table: the next state for a state and a byte. Bytes that stand in no word share a column, so that the
 * table is small enough to stay in the processor's cache.
 */
export function createKeywords(wordsOfOwner: readonly (readonly string[])[]): Keywords {
  const columns = columnsOf(wordsOfOwner.flat())
  const width = Math.max(...columns) + 1
  const { next, owners } = buildTable(wordsOfOwner, columns, width)
  const isFinal = Uint8Array.from(owners, (own) => (own.length > 0 ? 1 : 0))
  return {
    scan(bytes, from, to, found) {
      let state = 0
      let any = false
      for (let at = from; at < to; at++) {
        state = next[state * width + (columns[bytes[at] ?? 0] ?? 0)] ?? 0
        if (isFinal[state] === 1) {
          any = true
          for (const owner of owners[state] ?? []) found[owner] = 1
        }
      }
      return any
    },
  }
}

/** The column of each byte; a capital has that of its small letter. */
function columnsOf(words: readonly string[]): Uint8Array {
  const columns = new Uint8Array(256)
  let used = 0
  for (const byte of Buffer.from(words.join(''), 'latin1')) {
    if (columns[byte] === 0) columns[byte] = ++used
  }
  for (let letter = 0; letter < 26; letter++) columns[CAPITAL_A + letter] = columns[SMALL_A + letter] ?? 0
  return columns
}

const CAPITAL_A = 0x41
const SMALL_A = 0x61

function buildTable(wordsOfOwner: readonly (readonly string[])[], columns: Uint8Array, width: number) {
  // Room for words that share no beginning: one table, as thousands of small ones cost more than all words together.
  const room = wordsOfOwner.flat().reduce((sum, { length }) => sum + length, 1)
  const next = new Uint16Array(room * width)
  const owners: (readonly number[])[] = [NONE]
  wordsOfOwner.forEach((words, owner) => {
    for (const word of words) own(owners, addWord(word), [owner])
  })
  followFailures(next, width, owners)
  return { next: next.subarray(0, owners.length * width), owners }

  function addWord(word: string): number {
    let state = 0
    for (const byte of Buffer.from(word, 'latin1')) {
      const place = state * width + (columns[byte] ?? 0)
      if (next[place] === 0) next[place] = owners.push(NONE) - 1
      state = next[place] ?? 0
    }
    return state
  }
}

/** Most states end no word. */
const NONE: readonly number[] = []

function own(owners: (readonly number[])[], state: number, more: readonly number[]): void {
  if (more.length > 0) owners[state] = [...new Set([...(owners[state] ?? NONE), ...more])]
}

/** Where a word breaks off, goes on with the longest end of what was read that begins another: breadth first, so that shorter ones are done. */
function followFailures(next: Uint16Array, width: number, owners: (readonly number[])[]): void {
  const failure = new Uint16Array(owners.length)
  const queue = [...next.subarray(0, width)].filter((state) => state !== 0)
  for (const state of queue) {
    const fallback = failure[state] ?? 0
    own(owners, state, owners[fallback] ?? NONE)
    for (let column = 0; column < width; column++) {
      const child = next[state * width + column] ?? 0
      const other = next[fallback * width + column] ?? 0
      if (child === 0) {
        next[state * width + column] = other
        continue
      }
      failure[child] = other
      queue.push(child)
    }
  }
}
