import type { BundleReader } from '../../bundle/reader.ts'
import { onceFor } from '../once-for.ts'
import { type ScannedSample, scanSamples } from '../prometheus/scan-samples.ts'
import { type Growth, growthOf, type Reading, readingOf, type SampleFile } from './reading.ts'

/** What a program counts of itself and serves in the text format of Prometheus. */
export interface SeriesCounters<Name extends string> {
  /** Every series of a name, in the order of the file. */
  series(name: Name): readonly Series[]
}

/** One series. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>
  /** What was counted since the program started. */
  readonly last: Reading
  /** What it grew by between two samples; undefined with one sample, or where the program started anew. */
  readonly growth: Growth | undefined
  /** The reading of the first of two samples of the same life, for figures that are no counters. */
  readonly first: Reading | undefined
}

interface Scanned {
  readonly name: string
  readonly labels: ScannedSample['labels']
  readonly reading: Reading
}

/** When a program started (Prometheus client libraries, process collector): another value is another life. */
const STARTED = 'process_start_time_seconds'

/** A kubelet counts some ten thousand series, of the names that are asked for some hundred. */
const MOST_SERIES = 10_000

/** Reads what a program counted under these names, in one or two samples. */
export async function readSeries<Name extends string>(
  bundle: BundleReader,
  samples: readonly SampleFile[],
  names: readonly Name[],
  hasRebooted = false,
): Promise<SeriesCounters<Name>> {
  const wanted: ReadonlySet<string> = new Set([...names, STARTED])
  const first = await readSample(bundle, samples[0], wanted)
  const second = await readSample(bundle, samples[1], wanted)
  const [before, after] = second.size > 0 ? [first, second] : [NONE, first]
  const isSameLife = !hasRebooted && startOf(before) === startOf(after)
  const isWhole = samples[0] !== undefined && !cutOff(bundle).has(samples[0].file)
  const zeroBefore = (reading: Reading) => (isWhole ? noughtBefore(before, reading) : undefined)
  const byName = Map.groupBy(after, ([, { name }]) => name)
  return {
    series: (name) =>
      (byName.get(name) ?? []).map(([key, { labels, reading }]) => ({
        labels,
        last: reading,
        growth: isSameLife ? growthOf(before.get(key)?.reading ?? zeroBefore(reading), reading) : undefined,
        first: isSameLife ? before.get(key)?.reading : undefined,
      })),
  }
}

const NONE: ReadonlyMap<string, Scanned> = new Map()

function startOf(series: ReadonlyMap<string, Scanned>): number | undefined {
  return [...series.values()].find(({ name }) => name === STARTED)?.reading.value
}

/** A series appears with its first event: what the same program did not have in the first sample was nought then. */
function noughtBefore(before: ReadonlyMap<string, Scanned>, reading: Reading): Reading | undefined {
  const [first] = before.values()
  return first && { ...reading, value: 0, taken: first.reading.taken }
}

/** Files of which the ledger says that a part is not here: what stood there is unknown, and not nought. */
const cutOff = onceFor(
  ({ manifest }: BundleReader) =>
    new Set(manifest.ledger.filter(({ status }) => status !== 'complete').flatMap(({ files }) => files)),
)

async function readSample(
  bundle: BundleReader,
  sample: SampleFile | undefined,
  names: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Scanned>> {
  const series = new Map<string, Scanned>()
  if (!sample) return series
  const { file, taken } = sample
  await scanSamples(bundle.stream(file), names, (scanned) => {
    const { name, labels } = scanned
    const reading = readingOf(scanned, file, taken)
    const key = `${name} ${JSON.stringify(Object.entries(labels).sort())}`
    if (reading && series.size < MOST_SERIES && !series.has(key)) series.set(key, { name, labels, reading })
  }).catch(() => undefined)
  return series
}
