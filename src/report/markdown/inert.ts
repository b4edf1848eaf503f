import { clean, cut } from '../words.ts'

/** A sentence longer than this is a message that holds a page; all of it is in the JSON. */
const LONGEST = 1200

/** Letters that mean nothing to Markdown, HTML or GitHub, whatever stands around them. */
const HARMLESS = /^(?:[\p{L}\p{M}\p{N}\p{Zs}.,;:()'"“”‘’%/=+?…–—-]|\ufffd)*$/u

/** What GitHub makes links and pictures of without being asked: addresses, `www.`, issues as `GH-1`, hashes of commits, `:emoji:`. */
const LINKED = /:\/\/|www\.|^gh-\d|\b[0-9a-f]{7,64}\b|:[a-z0-9_+-]+:|^(?:mailto|xmpp):/i

/** A time of day, which no emoji is called by. */
const TIME = /^\d\d:\d\d:\d\dZ?[.,;:]?$/

/**
 * Words within a sentence, some of them of a stranger's bundle: a word that could mean anything to Markdown stands in a code span, where
 * nothing does, and reads as it is. What is between backticks already is meant as code.
 */
export function prose(text: string): string {
  const parts = cut(clean(text), LONGEST).split(/`([^`]+)`/)
  return guardStart(parts.map((part, index) => (index % 2 === 1 ? code(part) : inWords(part))).join(''))
}

function inWords(text: string): string {
  const spans: string[] = []
  let risky: string[] = []
  const close = () => {
    // What ends the sentence, or a part of it, is no part of the code.
    const [, words = '', end = ''] = /^(.*?)([.,:]*)$/.exec(risky.join(' ')) ?? []
    if (risky.length > 0) spans.push(`${code(words)}${end}`)
    risky = []
  }
  for (const word of text.split(' ')) {
    if (!TIME.test(word) && (!HARMLESS.test(word) || LINKED.test(word))) {
      risky.push(word)
      continue
    }
    close()
    spans.push(word)
  }
  close()
  return spans.join(' ')
}

/** The same in a cell of a table, where a bar would begin the next one, in a code span too (GFM, tables). */
export function cell(text: string): string {
  return prose(text.replaceAll('|', '¦'))
}

/** A code span that no backtick within can end (CommonMark, code spans). */
export function code(text: string): string {
  const words = cut(clean(text), LONGEST)
  if (words === '') return ''
  const marks = '`'.repeat(longestRun(words) + 1)
  const space = words.startsWith('`') || words.endsWith('`') ? ' ' : ''
  return `${marks}${space}${words}${space}${marks}`
}

/** A block of commands that none of them can end. */
export function fence(lines: readonly string[]): string[] {
  const cleaned = lines.map((line) => clean(line))
  const marks = '`'.repeat(Math.max(3, longestRun(cleaned.join(' ')) + 1))
  return [`${marks}sh`, ...cleaned, marks]
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
}

/** A line must not begin as a list, a heading's underline or a number does. */
function guardStart(text: string): string {
  return text.replace(/^(\d+)([.)])/, '$1\\$2').replace(/^[-+=]/, '\\$&')
}
