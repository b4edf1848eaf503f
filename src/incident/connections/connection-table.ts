import type { BundleReader } from '../../bundle/reader.ts'
import { readText } from '../bundle-file.ts'
import type { Citation } from '../citation.ts'
import { citeReading, type Growth, growthOf, type Reading, type SampleFile } from '../counters/reading.ts'
import { readKernelFiles } from './kernel-files.ts'
import { readPrintedRows, readStatRows, type TableRow } from './table-rows.ts'

/**
 * What the kernel counts of its table of connections (net/netfilter/nf_conntrack_core.c). `early_drop`: the table had reached its maximum, and
 * an entry that was not assured was thrown out for another (__nf_conntrack_alloc, and nowhere else). `drop`: a packet was dropped because there
 * was no room, or because another had entered as the same connection. `insert_failed`: of the latter as well, until Linux 5.10 also where both could
 * be kept, and where the chain of a hash was too long; how many of these there are says `chaintoolong`.
 */
export const TABLE_COUNTERS = ['drop', 'early_drop', 'insert_failed', 'chaintoolong'] as const

export type TableCounter = (typeof TABLE_COUNTERS)[number]

/** How full a node's table of connections is, and what it did to packets between the samples. */
export interface ConnectionTable {
  /** Entries, in each sample. */
  readonly counts: readonly Reading[]
  /** How many there may be; undefined where nothing limits them. */
  readonly most: Reading | undefined
  /** What all processors together counted; undefined where it cannot be known, or this kernel has no such counter. */
  growth(counter: TableCounter): TableGrowth | undefined
  /** A number that is set, `nf_conntrack_tcp_timeout_time_wait`. */
  setting(name: string): Reading | undefined
}

/** What a counter grew by, over all processors. */
export interface TableGrowth {
  readonly delta: number
  readonly perSecond: number
  readonly seconds: number
  /** The processor that counted most, after and before. */
  readonly cites: readonly [Citation, Citation]
}

/** The files of one sample of a node. */
export interface TableSample {
  readonly sysctl: SampleFile | undefined
  readonly cpus: SampleFile | undefined
  readonly statistics: SampleFile | undefined
}

/** A file of numbers is some kilobytes: what is larger is none. */
const LONGEST_FILE = 20 * 1024 * 1024

/** Reads the table of a node in one or two samples. */
export async function readTable(
  bundle: BundleReader,
  samples: readonly TableSample[],
  hasRebooted: boolean,
): Promise<ConnectionTable> {
  const settings = await Promise.all(samples.map(({ sysctl }) => readSettings(bundle, sysctl)))
  const rows = await Promise.all(samples.map((sample) => readRows(bundle, sample)))
  const latest = settings.findLast((one) => one.size > 0) ?? new Map<string, Reading>()
  const most = latest.get('nf_conntrack_max')
  const [before, after] = rows
  return {
    counts: settings.flatMap((one) => one.get('nf_conntrack_count') ?? []),
    // Nought is no limit (__nf_conntrack_alloc).
    most: most && most.value > 0 ? most : undefined,
    growth: (counter) => (hasRebooted || !before || !after ? undefined : growthOfRows(before, after, counter)),
    setting: (name) => latest.get(name),
  }
}

async function readSettings(
  bundle: BundleReader,
  sample: SampleFile | undefined,
): Promise<ReadonlyMap<string, Reading>> {
  const files = readKernelFiles(await textOf(bundle, sample))
  const settings = new Map<string, Reading>()
  for (const [name, { value, line }] of sample ? files : []) {
    if (/^\d{1,15}$/.test(value))
      settings.set(name, { value: Number(value), at: undefined, ...sample, line, words: value } as Reading)
  }
  return settings
}

/** The rows of a sample, with its file. */
interface Rows {
  readonly sample: SampleFile
  readonly rows: readonly TableRow[]
}

/** The kernel's own file, or else what the program prints. */
async function readRows(bundle: BundleReader, { cpus, statistics }: TableSample): Promise<Rows | undefined> {
  const own = readStatRows(await textOf(bundle, cpus))
  if (cpus && own.length > 0) return { sample: cpus, rows: own }
  const printed = readPrintedRows(await textOf(bundle, statistics))
  return statistics && printed.length > 0 ? { sample: statistics, rows: printed } : undefined
}

async function textOf(bundle: BundleReader, sample: SampleFile | undefined): Promise<string> {
  return (sample && (await readText(bundle, sample.file, LONGEST_FILE))) ?? ''
}

/** By processor: of one that came or went, or whose counter fell, nothing is known, and so of the sum. */
function growthOfRows(before: Rows, after: Rows, counter: TableCounter): TableGrowth | undefined {
  if (before.rows.length !== after.rows.length || nameOf(before) !== nameOf(after)) return undefined
  const grown = after.rows.map((row, index) =>
    growthOf(readingOf(before, before.rows[index], counter), readingOf(after, row, counter)),
  )
  const known = grown.filter((one): one is Growth => one !== undefined)
  const [most] = known.toSorted((a, b) => b.delta - a.delta)
  if (!most || known.length !== grown.length) return undefined
  const delta = known.reduce((sum, one) => sum + one.delta, 0)
  return {
    delta,
    perSecond: delta / most.seconds,
    seconds: most.seconds,
    cites: [citeReading(most.after), citeReading(most.before)],
  }
}

function nameOf({ sample }: Rows): string | undefined {
  return sample.file.split('/').at(-1)
}

function readingOf({ sample }: Rows, row: TableRow | undefined, counter: TableCounter): Reading | undefined {
  const value = row?.counts.get(counter) ?? row?.counts.get(ALSO_CALLED[counter] ?? '')
  if (!row || value === undefined) return undefined
  return { value, at: undefined, ...sample, line: row.line, words: row.text }
}

/** What the kernel's own file calls `chaintoolong` (ct_cpu_seq_show, since Linux 5.15). */
const ALSO_CALLED: Partial<Record<TableCounter, string>> = { chaintoolong: 'chainlength' }
