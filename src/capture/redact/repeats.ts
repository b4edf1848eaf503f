/** Values of a document that held nothing that matters, by key: the objects of a list repeat them. */
export interface Repeats {
  /** Where the value ends that begins at `start`, if it is one of those; or -1. */
  find(key: number, at: number, start: number): number
  add(key: number, at: number, start: number, end: number): void
}

/** Values kept for a key: those of a container, of its sidecars, of an init container. */
const KEPT = 4

/** It takes longer to look for a shorter one than to read it. */
const SHORTEST = 24

interface Known {
  readonly starts: number[]
  readonly ends: number[]
  readonly places: number[]
  next: number
}

/** Remembers values by their place in the document; that a whole value stands somewhere again needs no look inside, only a comparison. */
export function createRepeats(buffer: Buffer): Repeats {
  const byKey = new Map<number, Known>()
  return {
    find(key, at, start) {
      const known = byKey.get(key)
      if (known === undefined) return -1
      const { starts, ends, places } = known
      for (let n = 0; n < starts.length; n++) {
        const from = starts[n] ?? 0
        const to = ends[n] ?? 0
        const end = start + to - from
        if (places[n] !== at || buffer[end - 1] !== buffer[to - 1] || buffer[end - 2] !== buffer[to - 2]) continue
        if (end <= buffer.length && buffer.compare(buffer, from, to, start, end) === 0) return end
      }
      return -1
    },
    add(key, at, start, end) {
      if (end - start < SHORTEST) return
      let known = byKey.get(key)
      if (known === undefined) {
        known = { starts: [], ends: [], places: [], next: 0 }
        byKey.set(key, known)
      }
      known.starts[known.next] = start
      known.ends[known.next] = end
      known.places[known.next] = at
      known.next = (known.next + 1) % KEPT
    },
  }
}
