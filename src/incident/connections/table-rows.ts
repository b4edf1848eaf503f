/** What one processor counted of the table of connections. */
export interface TableRow {
  readonly counts: ReadonlyMap<string, number>
  /** Counted from 1. */
  readonly line: number
  readonly text: string
}

/** No machine has more processors (Linux, NR_CPUS at most 8192). */
const MOST_ROWS = 8192

/** A row of some twenty counters. */
const LONGEST_ROW = 2000

/**
 * Reads /proc/net/stat/nf_conntrack: a header, and for each processor a row of hexadecimal numbers of 32 bits. Kernels differ in their columns, so
 * the header says which is which (net/netfilter/nf_conntrack_standalone.c, ct_cpu_seq_show). `entries` is no counter: it is the number of
 * entries of all processors, the same in every row.
 */
export function readStatRows(text: string): readonly TableRow[] {
  const [head = '', ...lines] = text.slice(0, MOST_ROWS * LONGEST_ROW).split('\n')
  const columns = head.trim().split(/\s+/)
  if (columns[0] !== 'entries' || new Set(columns).size !== columns.length) return []
  return lines.slice(0, MOST_ROWS).flatMap((line, index) => {
    const words = line.trim().split(/\s+/)
    if (words.length !== columns.length || !words.every((word) => /^[0-9a-f]{1,8}$/i.test(word))) return []
    const counts = new Map(columns.map((name, at) => [name, Number.parseInt(words[at] ?? '', 16)]))
    return [{ counts, line: index + 2, text: line.trim() }]
  })
}

/** Reads what `conntrack -S` prints of the same (conntrack-tools, src/conntrack.c): `cpu=0 found=0 … early_drop=0 …`, decimal. */
export function readPrintedRows(text: string): readonly TableRow[] {
  const lines = text
    .slice(0, MOST_ROWS * LONGEST_ROW)
    .split('\n')
    .slice(0, MOST_ROWS)
  return lines.flatMap((line, index) => {
    const words = line.trim().split(/\s+/)
    const isRow = /^cpu=\d{1,5}$/.test(words[0] ?? '') && words.every((word) => /^[a-z_]{1,30}=\d{1,15}$/.test(word))
    if (!isRow || words.length < 2) return []
    const counts = words.slice(1).map((word): [string, number] => {
      const at = word.indexOf('=')
      return [word.slice(0, at), Number(word.slice(at + 1))]
    })
    return [{ counts: new Map(counts), line: index + 1, text: line.trim() }]
  })
}
