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

/**
 * Reads tables of two lines, names and values, each behind the name of the table. Kernels differ in columns: each is found by its name, and a
 * table whose two lines do not have as many is left out.
 */
export function createTableScanner(source: KernelFile, readings: Map<TcpCounter, Reading>): TableScanner {
  let header: readonly string[] = []
  return {
    take(text, line) {
      if (!WANTED.some((table) => text.startsWith(table))) return
      const words = text.split(' ')
      const isValues = header.length > 0 && words[0] === header[0] && words.length === header.length
      const names = header
      header = isValues ? [] : words
      if (isValues) keep(source, readings, { names, words, text, line })
    },
  }
}

interface Table {
  readonly names: readonly string[]
  readonly words: readonly string[]
  readonly text: string
  readonly line: number
}

function keep(source: KernelFile, readings: Map<TcpCounter, Reading>, { names, words, text, line }: Table): void {
  for (const counter of TCP_COUNTERS) {
    const [table, column = ''] = counter.split('.')
    const index = names[0] === `${table}:` ? names.indexOf(column) : -1
    if (index < 1) continue
    const end = words.slice(0, index + 1).join(' ').length
    const reading = readingAt(source, words[index] ?? '', { base: 10, text, end, line })
    if (reading) readings.set(counter, reading)
  }
}
