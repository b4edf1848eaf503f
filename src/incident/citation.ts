import { valueAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'

/** A place in the bundle and the words found there. Words are exact: of a value that is no string, its JSON. */
export type Citation = FieldCitation | LineCitation

/** A field of a JSON file. */
export interface FieldCitation {
  readonly file: string
  /** RFC 6901, from the root of the file: `/items/3/status/phase`. */
  readonly pointer: string
  readonly words: string
}

/** A line of a log, of metrics or of a JSON Lines file. */
export interface LineCitation {
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  readonly words: string
}

/** At least one citation: a finding without one does not compile. */
export type Citations = readonly [Citation, ...Citation[]]

/** Citations that the caller knows to be some; throws where there is none, so that a finding without one never gets out. */
export function atLeastOne(citations: readonly Citation[]): Citations {
  const [first, ...rest] = citations
  if (!first) throw new Error('A finding has no citation')
  return [first, ...rest]
}

/** Words are cut to this many characters; what is cut is still found as a part of the value. */
const LONGEST_WORDS = 400

/**
 * Cites a field of an object by its path. `words` are a part of the field's text; without them the whole value. A path that leads nowhere
 * cites the object's name instead, so that what is said is never without a place.
 */
export function cite(object: KubeObject, path: readonly (string | number)[], words?: string): FieldCitation {
  const value = valueAt(object.json, ...path)
  if (value === undefined && words === undefined) return citeName(object)
  const said = words ?? (typeof value === 'string' ? value : JSON.stringify(value))
  return { file: object.file, pointer: `${object.pointer}${pointerOf(path)}`, words: said.slice(0, LONGEST_WORDS) }
}

/** Cites that an object is there, by its name. */
export function citeName(object: KubeObject): FieldCitation {
  return { file: object.file, pointer: `${object.pointer}/metadata/name`, words: object.ref.name }
}

/** Cites a line of a log or a metrics file. */
export function citeLine(file: string, line: number, words: string): LineCitation {
  return { file, line, words: words.slice(0, LONGEST_WORDS) }
}

/** RFC 6901. */
export function pointerOf(path: readonly (string | number)[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
