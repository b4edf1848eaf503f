import { classify, createHits, findHits } from './logs/classify.ts'
import { readText } from './logs/fields.ts'
import type { LogClass } from './logs/log-summary.ts'

/** What a text means, that some component says elsewhere than in a log. */
export function classesOfText(text: string): readonly LogClass[] {
  const hits = createHits()
  const bytes = Buffer.from(text)
  return findHits(bytes, 0, bytes.length, hits) ? classify(readText(text).words, hits, true) : []
}
