import type { Span } from './values.ts'

/** What stands between a key and its block: an indicator (YAML 1.2.2, section 8.1), or nothing where a list follows. */
const SCALAR = /[ \t]*(?:[&!][\w!.-]{1,60}[ \t]{1,4}){0,2}[|>][+-]?\d?[+-]?[ \t\r]*(?:#.*)?\n/y
const LIST = /[ \t\r]*\n(?=(?:\S{20,40} )?[ \t]*- )/y

/** What `timestamps=true` puts in front of every line of a log. */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d) /

/** Lines of a block at most: a key or a certificate has a hundred. */
const LONGEST = 1000

/** The lines of the YAML block that belongs to a key, given where the key begins and what stands behind its colon; undefined where there is none. */
export function blockAt(text: string, key: number, behind: number): Span[] | undefined {
  SCALAR.lastIndex = behind
  if (SCALAR.test(text)) return linesAt(text, SCALAR.lastIndex, columnOf(text, key), false)
  LIST.lastIndex = behind
  return LIST.test(text) ? linesAt(text, LIST.lastIndex, columnOf(text, key), true) : undefined
}

function columnOf(text: string, key: number): number {
  const line = text.slice(text.lastIndexOf('\n', key - 1) + 1, key)
  return indentOf(line.replace(TIMESTAMP, ''))
}

function indentOf(line: string): number {
  return /^[ \t-]*/.exec(line)?.[0].length ?? 0
}

/** Lines that are indented deeper than the key; of a list, its items, which may stand as far left as the key. */
function linesAt(text: string, from: number, column: number, isList: boolean): Span[] {
  const spans: Span[] = []
  for (let at = from, n = 0; at < text.length && n < LONGEST; n++) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline
    const line = text.slice(at, end)
    const stamp = TIMESTAMP.exec(line)?.[0].length ?? 0
    const content = line.slice(stamp).trimEnd()
    const indent = /^[ \t]*/.exec(content)?.[0].length ?? 0
    const dash = isList ? (/^- +/.exec(content.slice(indent))?.[0].length ?? 0) : 0
    const isInside = isList ? dash > 0 && indent + dash > column : indent > column
    if (content !== '' && !isInside) break
    const start = at + stamp + indent + dash
    const value = content.slice(indent + dash)
    // A mapping in a list is judged by its own names.
    if (value !== '' && !(isList && /^[\w.-]+:(?: |$)/.test(value))) spans.push({ start, end: start + value.length })
    at = end + 1
  }
  return spans
}
