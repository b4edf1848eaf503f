import { WORDINGS } from './classes.ts'
import { createKeywords } from './keywords.ts'
import type { LogClass } from './log-summary.ts'

const keywords = createKeywords(WORDINGS.map(({ words }) => words))

/** Which wordings may match a line: a place for each, which is cleared before use. */
export type Hits = Uint8Array

export function createHits(): Hits {
  return new Uint8Array(WORDINGS.length)
}

/** Marks the wordings of which a word stands in the bytes; most lines have none and are done with here. */
export function findHits(bytes: Uint8Array, from: number, to: number, hits: Hits): boolean {
  return keywords.scan(bytes, from, to, hits)
}

/**
 * The classes of a text, of those whose words were found in its line. An access log's line of a request that was served has none, nor has
 * a line without an alarming level of what is prepared for or counted as nothing.
 */
export function classify(text: string, hits: Hits, isLoud: boolean): readonly LogClass[] {
  if (SERVED.test(text) || (!isLoud && HARMLESS.test(text))) return []
  const classes = new Set<LogClass>()
  WORDINGS.forEach((wording, index) => {
    if (hits[index] === 1 && !classes.has(wording.class) && matches(text, wording)) classes.add(wording.class)
  })
  return [...classes]
}

function matches(text: string, { pattern, except }: (typeof WORDINGS)[number]): boolean {
  return pattern.test(text) && !except?.test(text)
}

const HARMLESS =
  /\b(?:handlers?|hooks?|filters?|middleware) (?:registered|installed|enabled|added|loaded)\b|\b(?:count|rate|total)[ :=]{1,2}0(?:\.\d{1,4})?%?(?:\s|$)/i

/** nginx, Apache, Envoy, gunicorn, uvicorn: `"GET /timeouts HTTP/1.1" 200`. */
const SERVED = /(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \S{1,2000} HTTP\/[\d.]{1,3}"? [23]\d\d\b/
