import { type Citation, citeLine } from '../citation.ts'
import type { ScannedSample } from '../prometheus/scan-samples.ts'

/** A number of one sample, and where it stands. */
export interface Reading {
  readonly value: number
  /** When the exporter read it, in milliseconds of its own clock; undefined where it does not say. */
  readonly at: number | undefined
  /** When the answer was complete, in milliseconds of the capture's monotonic clock. */
  readonly taken: number | undefined
  readonly file: string
  readonly line: number
  readonly words: string
}

/** The file of one sample, and when it was complete, in milliseconds of the capture's monotonic clock. */
export interface SampleFile {
  readonly file: string
  readonly taken: number | undefined
}

/** What a counter grew by between two samples. */
export interface Growth {
  readonly delta: number
  readonly seconds: number
  readonly perSecond: number
  readonly before: Reading
  readonly after: Reading
}

/** Words that end with the number: of a line too long to be cited whole, its end. */
const LONGEST = 400
const END = 240

/** A reading of a sample; undefined for what is no finite number. Zeros are many and rarely cited: their words are the name. */
export function readingOf(
  { name, value, at, line, text }: ScannedSample,
  file: string,
  taken: number | undefined,
): Reading | undefined {
  if (!Number.isFinite(value)) return undefined
  const words = value === 0 ? name : text.length <= LONGEST ? text : text.slice(-END)
  return { value, at, taken, file, line, words }
}

/** Cites the line of a reading. */
export function citeReading({ file, line, words }: Reading): Citation {
  return citeLine(file, line, words)
}

/** Cites both readings of a growth; of a series that began between them only the later one. */
export function citeGrowth({ before, after }: Growth): readonly Citation[] {
  return (before.file === after.file ? [after] : [before, after]).map(citeReading)
}

/**
 * What a counter grew by; undefined where that cannot be known: one sample, the same reading twice (cAdvisor looks every ten seconds or so), a
 * value that fell because the counter began anew.
 */
export function growthOf(before: Reading | undefined, after: Reading | undefined): Growth | undefined {
  if (!before || !after || after.value < before.value) return undefined
  const seconds = secondsBetween(before, after)
  if (seconds === undefined || seconds <= 0) return undefined
  const delta = after.value - before.value
  return { delta, seconds, perSecond: delta / seconds, before, after }
}

/** By the exporter's own times where both samples have them: the answer may be of a reading that is seconds old. */
function secondsBetween(before: Reading, after: Reading): number | undefined {
  if (before.at !== undefined && after.at !== undefined) return (after.at - before.at) / 1000
  if (before.taken === undefined || after.taken === undefined) return undefined
  return (after.taken - before.taken) / 1000
}
