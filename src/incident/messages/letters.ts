import { SHORTEST } from './literal.ts'

interface Entry<T> {
  readonly literal: string
  readonly value: T
}

/**
 * Finds which of many literals a text contains, in one pass: each is looked for only where four of its letters stand, the four that are
 * rarest among all literals.
 */
export function indexLetters<T>(entries: readonly Entry<T>[]): (text: string) => T[] {
  const common = countQuads(entries.map((entry) => entry.literal))
  const byQuad = Map.groupBy(entries, ({ literal }) => rarestQuad(literal, common))
  const isQuad = new Uint8Array(QUADS)
  for (const quad of byQuad.keys()) isQuad[quad] = 1
  return (text) => {
    const near = new Set<Entry<T>>()
    for (const quad of quadsOf(text)) {
      if (isQuad[quad] === 1) for (const entry of byQuad.get(quad) ?? []) near.add(entry)
    }
    return [...near].filter((entry) => text.includes(entry.literal)).map((entry) => entry.value)
  }
}

/** Numbers that four letters are told apart by. */
const QUADS = 1 << 16

/** A number for every four letters in a row. */
function quadsOf(text: string): Uint16Array {
  const quads = new Uint16Array(Math.max(0, text.length - SHORTEST + 1))
  let hash = 0
  for (let at = 0; at < text.length; at++) {
    // A letter leaves the sixteen bits after four steps of four.
    hash = ((hash << 4) ^ (text.charCodeAt(at) * 0x9e5)) & 0xffff
    if (at >= SHORTEST - 1) quads[at - SHORTEST + 1] = hash
  }
  return quads
}

function countQuads(literals: readonly string[]): Uint32Array {
  const counts = new Uint32Array(QUADS)
  for (const literal of literals) for (const quad of quadsOf(literal)) counts[quad] = (counts[quad] ?? 0) + 1
  return counts
}

function rarestQuad(literal: string, counts: Uint32Array): number {
  const quads = quadsOf(literal)
  return quads.reduce((best, quad) => ((counts[quad] ?? 0) < (counts[best] ?? 0) ? quad : best), quads[0] ?? 0)
}
