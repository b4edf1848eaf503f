import { stripVTControlCharacters } from 'node:util'
import type { Scope } from '../bundle/format.ts'

const BINARY_UNITS = ['KiB', 'MiB', 'GiB', 'TiB']

/** `812 B`, `1.2 KiB`, `38 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  let value = bytes
  let unit = ''
  for (const next of BINARY_UNITS) {
    if (value < 1024) break
    value /= 1024
    unit = next
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`
}

/** `20,000`, whatever the locale. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `0.8 s`, `12.3 s`, `2 min 5 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** `0:07`, `12:40`, `1:02:40`: a running clock. */
export function formatClock(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const tail = `${hours > 0 ? String(minutes).padStart(2, '0') : minutes}:${String(seconds % 60).padStart(2, '0')}`
  return hours > 0 ? `${hours}:${tail}` : tail
}

/** `1 file`, `2 files`. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** What a ledger line is about, in few words: `pods in shop`, `log shop/web-1 app (previous)`, `/metrics`. */
export function describeScope(scope: Scope): string {
  if (scope.resource === 'pods/log' && scope.name !== undefined) {
    const container = [scope.container, scope.previous && '(previous)'].filter(Boolean).join(' ')
    return `log ${scope.namespace}/${scope.name} ${container}`.trim()
  }
  const which = scope.selector && `(${scope.selector})`
  const subject = [scope.resource, which, scope.name, scope.path].filter(Boolean).join(' ')
  const place = [scope.namespace && `in ${scope.namespace}`, scope.node && `on ${scope.node}`].filter(Boolean).join(' ')
  return [subject, place].filter(Boolean).join(' ') || 'the cluster'
}

/** Cuts a painted line to a width; colours are dropped where it has to be cut. */
export function clip(line: string, width: number): string {
  const plain = stripVTControlCharacters(line)
  if (plain.length <= width) return line
  return width > 0 ? `${plain.slice(0, width - 1)}…` : ''
}

/** A paragraph as lines of at most a width; a word that is longer keeps its line to itself. */
export function wrap(paragraph: string, width: number): string[] {
  const lines: string[] = []
  for (const word of paragraph.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

/** Rows of a table as lines: columns as wide as their widest cell, two spaces between, the named ones aligned right. */
export function alignRows(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, stripVTControlCharacters(cell).length)
    }
  }
  return rows.map((row) =>
    row
      .map((cell, index) => pad(cell, widths[index] ?? 0, right.includes(index)))
      .join('  ')
      .trimEnd(),
  )
}

function pad(cell: string, width: number, right: boolean): string {
  const space = ' '.repeat(width - stripVTControlCharacters(cell).length)
  return right ? space + cell : cell + space
}

/** Server texts and names may hold anything: control characters, which could move the cursor or forge a line, become spaces. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}+/gu, ' ')
}
