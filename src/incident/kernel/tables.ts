import type { Reading } from '../counters/reading.ts'
import { type KernelFile, readingAt } from './sample.ts'

/** What rules read of `/proc/net/snmp` and `/proc/net/netstat` (Linux, net/ipv4/proc.c), by table and column. */
export const TCP_COUNTERS = ['Tcp.OutSegs', 'Tcp.RetransSegs', 'TcpExt.ListenOverflows'] as const

export type TcpCounter = (typeof TCP_COUNTERS)[number]

const WANTED = ['Tcp: ', 'TcpExt: '] as const

/** What was read of the tables of one namespace. */
export type TcpReadings = ReadonlyMap<TcpCounter, Reading>

/** Takes the lines of one file. */
export interface TableScanner {
  take(text: string, line: number): void
}

/** Of a table how many columns it has, and where those are that rules read. */
interface Layout {
  readonly columns: number
  readonly counters: readonly (readonly [index: number, counter: TcpCounter])[]
}

/** The layouts of a node's tables, by their first lines: those of all namespaces are the same. */
export type Layouts = Map<string, Layout>

/**
 * Reads tables of two lines, names and values, each behind the name of the table. Kernels differ in columns: each is found by its name, and a
 * table whose two lines do not have as many is left out.
 */
export function createTableScanner(
  source: KernelFile,
  readings: Map<TcpCounter, Reading>,
  layouts: Layouts,
): TableScanner {
  let header = ''
  return {
    take(text, line) {
      const table = WANTED.find((one) => text.startsWith(one))
      if (table === undefined) return
      const layout = header.startsWith(table) ? layoutOf(layouts, header) : undefined
      header = layout ? '' : text
      if (layout) keep(source, readings, { layout, text, line })
    },
  }
}

function layoutOf(layouts: Layouts, header: string): Layout {
  const known = layouts.get(header)
  if (known) return known
  const [table, ...names] = header.split(' ')
  const counters = TCP_COUNTERS.map((counter) => [names.indexOf(columnOf(counter, table)) + 1, counter] as const)
  const layout = { columns: names.length, counters: counters.filter(([index]) => index > 0).sort(([a], [b]) => a - b) }
  if (layouts.size < MOST_LAYOUTS) layouts.set(header, layout)
  return layout
}

/** A node has one kernel: two tables. */
const MOST_LAYOUTS = 16

/** The column of a counter in a table; no column has an empty name. */
function columnOf(counter: TcpCounter, table: string | undefined): string {
  const [own, column = ''] = counter.split('.')
  return `${own}:` === table ? column : ' '
}

interface Values {
  readonly layout: Layout
  readonly text: string
  readonly line: number
}

function keep(source: KernelFile, readings: Map<TcpCounter, Reading>, { layout, text, line }: Values): void {
  const ends = endsOfWords(text)
  if (ends.length !== layout.columns + 1) return
  for (const [index, counter] of layout.counters) {
    const end = ends[index] ?? 0
    const digits = text.slice((ends[index - 1] ?? 0) + 1, end)
    const reading = readingAt(source, digits, { base: 10, text, end, line })
    if (reading) readings.set(counter, reading)
  }
}

function endsOfWords(text: string): readonly number[] {
  const ends: number[] = []
  for (let at = text.indexOf(' '); at >= 0; at = text.indexOf(' ', at + 1)) ends.push(at)
  ends.push(text.length)
  return ends
}
