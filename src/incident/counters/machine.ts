import type { BundleReader } from '../../bundle/reader.ts'
import { isOtherBoot, readBatchClock } from '../batch-clock.ts'
import { readParts } from '../file-parts.ts'
import { readPressureLine } from './pressure-line.ts'
import { type Growth, growthOf, type Reading, type SampleFile } from './reading.ts'

/** What a node's kernel says of the whole machine in `/proc/pressure`, `/proc/stat` and `/proc/loadavg`. */
export interface Machine {
  /** The share of the last minute, in percent, in which some task waited (docs.kernel.org/accounting/psi.html); the latest. */
  pressure(resource: Resource): Reading | undefined
  /** Seconds in which some task waited, between two samples. */
  waited(resource: Resource): Growth | undefined
  /** Processors that are online. */
  readonly processors: number | undefined
  /** Tasks that run or could run, at the moment of the latest sample. */
  readonly running: Reading | undefined
  /** Tasks that run, could run or wait for a disk, on average over a minute; the latest. */
  readonly load: Reading | undefined
  /** How the time of all processors was spent between two samples. */
  readonly time: ProcessorTime | undefined
}

export type Resource = 'cpu' | 'memory' | 'io'

/** Shares of the time of all processors between two samples. */
export interface ProcessorTime {
  /** Not idle, and not stolen. */
  readonly busy: number
  /** The host gave it to other machines although this one had work. */
  readonly stolen: number
  readonly seconds: number
  /** The same line in both samples. */
  readonly before: Reading
  readonly after: Reading
}

/** What one sample says, by a name of ours. */
interface Sample {
  readonly readings: ReadonlyMap<string, Reading>
  /** Ticks of all processors, in the order of the line `cpu` (Documentation/filesystems/proc.rst). */
  readonly ticks: readonly number[]
  readonly processors: number
}

/** Reads the files of up to two samples; what is not there is unknown. */
export async function readMachine(
  bundle: BundleReader,
  samplesOf: (file: string) => readonly SampleFile[],
): Promise<Machine> {
  const samples = await readSamples(bundle, samplesOf)
  const [before, after] = samples.length > 1 ? samples : [undefined, samples[0]]
  const last = (name: string): Reading | undefined => after?.readings.get(name)
  return {
    pressure: (resource) => last(`${resource} avg60`),
    waited: (resource) => growthOf(before?.readings.get(`${resource} total`), last(`${resource} total`)),
    processors: after && after.processors > 0 ? after.processors : undefined,
    running: last('procs_running'),
    load: last('load'),
    time: before && after && timeOf(before, after),
  }
}

const FILES = ['pressure.txt', 'stat.txt', 'loadavg.txt'] as const

/** The first sample is left out where the machine started anew in between: nothing is to be compared. */
async function readSamples(
  bundle: BundleReader,
  samplesOf: (file: string) => readonly SampleFile[],
): Promise<readonly Sample[]> {
  const folders = [...new Set(FILES.flatMap((file) => samplesOf(file).map((one) => folderOf(one.file))))].sort()
  const clocks = await Promise.all(folders.map((folder) => readBatchClock(bundle, folder)))
  const samples: Sample[] = []
  for (const [index, folder] of folders.entries()) {
    const draft = createDraft()
    for (const name of FILES) {
      const sample = samplesOf(name).find(({ file }) => folderOf(file) === folder)
      const seconds = clocks[index]?.read.get(name)
      if (sample) await draft.read(bundle, sample, seconds === undefined ? undefined : seconds * 1000)
    }
    samples.push(draft.finish())
  }
  const [first, second] = clocks
  return first && second && isOtherBoot(first, second) ? samples.slice(1) : samples
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/'))
}

function createDraft() {
  const readings = new Map<string, Reading>()
  let ticks: readonly number[] = []
  let processors = 0

  async function read(bundle: BundleReader, { file, taken }: SampleFile, at: number | undefined): Promise<void> {
    const name = file.slice(file.lastIndexOf('/') + 1)
    const take = (path: string, line: number, text: string): void => {
      const keep = (key: string, value: number): void => {
        if (Number.isFinite(value)) readings.set(key, { value, at, taken, file, line, words: text.slice(0, 240) })
      }
      if (name === 'pressure.txt') readPressure(path, text, keep)
      else if (name === 'loadavg.txt') readLoad(text, keep)
      else if (/^cpu\d+ /.test(text)) processors += 1
      else if (/^cpu +\d/.test(text)) {
        ticks = readTicks(text)
        keep('ticks', 0)
      } else if (/^procs_running \d{1,9}$/.test(text)) keep('procs_running', Number(text.slice(14)))
    }
    await readParts(bundle.stream(file), ({ path, line, text }) => take(path, line, text)).catch(() => undefined)
  }

  return { read, finish: (): Sample => ({ readings, ticks, processors }) }
}

type Keep = (key: string, value: number) => void

function readPressure(path: string, text: string, keep: Keep): void {
  const [, resource] = /\/pressure\/(cpu|memory|io)$/.exec(path) ?? []
  const pressure = readPressureLine(text)
  if (resource === undefined || !pressure) return
  keep(`${resource} avg60`, pressure.avg60)
  keep(`${resource} total`, pressure.seconds)
}

/** `0.20 0.18 0.12 1/80 11206` */
function readLoad(text: string, keep: Keep): void {
  const [, load] = /^(\d{1,7}\.\d\d) \d{1,7}\.\d\d \d{1,7}\.\d\d \d{1,9}\/\d{1,9} \d{1,9}$/.exec(text) ?? []
  if (load !== undefined) keep('load', Number(load))
}

/** `cpu  user nice system idle iowait irq softirq steal guest guest_nice`; those of guests are in user and nice already. */
function readTicks(text: string): readonly number[] {
  const ticks = text.trim().split(/ +/).slice(1, 9).map(Number)
  return ticks.length === 8 && ticks.every(Number.isSafeInteger) ? ticks : []
}

const [IDLE, IOWAIT, STEAL] = [3, 4, 7] as const

/** Fewer ticks than one second of one processor say nothing (100 in a second). */
const FEWEST_TICKS = 100

/** The time that a processor waited for disks may fall (proc.rst); any other that falls began anew. */
function timeOf(before: Sample, after: Sample): ProcessorTime | undefined {
  const [first, last] = [before.readings.get('ticks'), after.readings.get('ticks')]
  const spent = after.ticks.map((value, index) => value - (before.ticks[index] ?? Number.NaN))
  if (!first || !last || spent.length === 0) return undefined
  if (spent.some((value, index) => !(value >= 0) && !(index === IOWAIT && value < 0))) return undefined
  const waits = Math.max(0, spent[IOWAIT] ?? 0)
  const sum = spent.reduce((total, value) => total + Math.max(0, value), 0)
  const seconds = growthOf(first, last)?.seconds
  if (sum < FEWEST_TICKS || seconds === undefined) return undefined
  const [idle, stolen] = [spent[IDLE] ?? 0, spent[STEAL] ?? 0]
  return { busy: (sum - idle - waits - stolen) / sum, stolen: stolen / sum, seconds, before: first, after: last }
}
