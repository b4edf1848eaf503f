import type { BundleReader } from '../../bundle/reader.ts'
import type { Reading } from '../counters/reading.ts'
import { readSections } from './lines.ts'
import { type KernelFile, readingAt } from './sample.ts'

/** IPv4 and IPv6 have a table of neighbours each, one for all namespaces of a node (Linux, net/core/neighbour.c). */
export const FAMILIES = ['ipv4', 'ipv6'] as const

export type Family = (typeof FAMILIES)[number]

/** What is read of a table: how many entries it has, and how often there was no room for another one. */
export const NEIGHBOUR_COLUMNS = ['entries', 'table_fulls'] as const

export type NeighbourColumn = (typeof NEIGHBOUR_COLUMNS)[number]

/** By `ipv4 entries`. */
export type NeighbourReadings = ReadonlyMap<string, Reading>

const FAMILY_OF: Readonly<Record<string, Family>> = { arp_cache: 'ipv4', ndisc_cache: 'ipv6' }

/** No machine has more processors. */
const MOST_ROWS = 8192

/**
 * Reads `/proc/net/stat/{arp,ndisc}_cache`: names, then a hexadecimal row for each processor. Entries are of the whole table in every row; what is
 * counted is added up, and stands in the row with most of it.
 */
export async function readNeighbours(bundle: BundleReader, source: KernelFile): Promise<NeighbourReadings> {
  const sums = new Map<string, Sum>()
  const headers = new Map<string, readonly string[]>()
  let rows = 0
  await readSections(bundle, source.file, (path, text, line) => {
    const family = FAMILY_OF[path.slice(path.lastIndexOf('/') + 1)]
    const words = text.trim().split(/\s+/)
    if (family === undefined || rows++ > MOST_ROWS) return
    const names = headers.get(family)
    if (!names) headers.set(family, words)
    else if (words.length === names.length) addRow(source, sums, { family, names, words, text, line })
  })
  return new Map([...sums].map(([key, { value, row }]) => [key, { ...row, value }]))
}

/** What rows come to, and the one that has most of it. */
interface Sum {
  readonly value: number
  readonly row: Reading
}

interface Row {
  readonly family: Family
  readonly names: readonly string[]
  readonly words: readonly string[]
  readonly text: string
  readonly line: number
}

function addRow(source: KernelFile, sums: Map<string, Sum>, { family, names, words, text, line }: Row): void {
  for (const column of NEIGHBOUR_COLUMNS) {
    const digits = words[names.indexOf(column)] ?? ''
    const row = readingAt(source, digits, { base: 16, text, end: text.trimEnd().length, line })
    if (row) sums.set(`${family} ${column}`, addUp(column, sums.get(`${family} ${column}`), row))
  }
}

function addUp(column: NeighbourColumn, known: Sum | undefined, row: Reading): Sum {
  if (!known) return { value: row.value, row }
  if (column === 'entries') return known
  return { value: known.value + row.value, row: row.value > known.row.value ? row : known.row }
}
