import type { Paint } from '../paint.ts'
import { clean, cut, wrap } from '../words.ts'

/** The narrowest terminal that people use. */
export const WIDTH = 80

/** A sentence longer than this is no sentence: a message that holds a page. All of it is in the JSON. */
const LONGEST = 600

/** A sentence of the report as it is drawn. */
export function sentence(text: string): string {
  return cut(clean(text), LONGEST)
}

/** A short word of our own, which a report that somebody wrote by hand may have made long. */
export function word(text: string): string {
  return cut(clean(text), WIDTH)
}

/** A paragraph, indented. */
export function paragraph(text: string, indent: number): string[] {
  return wrap(sentence(text), WIDTH - indent).map((line) => `${' '.repeat(indent)}${line}`)
}

/** A text behind a mark, its further lines below its first word: `  - text`. */
export function item(mark: string, text: string): string[] {
  const [first = '', ...rest] = wrap(sentence(text), WIDTH - mark.length - 1)
  return [`${mark} ${first}`, ...rest.map((line) => `${' '.repeat(mark.length + 1)}${line}`)]
}

const LABEL = 10

/** What is said of a cause, behind the word that says what it is: `    so that    text`. */
export function labelled(label: string, text: string, paint: Paint): string[] {
  return labelledLines(label, wrap(sentence(text), WIDTH - LABEL - 6), paint)
}

/** The same for lines that are made already. */
export function labelledLines(label: string, [first = '', ...rest]: readonly string[], paint: Paint): string[] {
  const space = ' '.repeat(LABEL + 6)
  return [`    ${paint('dim', label.padEnd(LABEL))}  ${first}`, ...rest.map((line) => `${space}${line}`)]
}

/** The first of many, and how many more there are. */
export function firstOf<Item>(
  items: readonly Item[],
  most: number,
  draw: (one: Item, index: number) => readonly string[],
  more: (count: number) => string,
): string[] {
  const shown = items.slice(0, most).flatMap(draw)
  return items.length > most ? [...shown, more(items.length - most)] : shown
}
