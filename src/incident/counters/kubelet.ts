import type { BundleReader } from '../../bundle/reader.ts'
import { scanSamples } from '../prometheus/scan-samples.ts'
import { KUBELET_SERIES, type KubeletSeries } from './names.ts'
import { type Growth, growthOf, type Reading, readingOf, type SampleFile } from './reading.ts'

/** What a kubelet counted of itself. */
export interface KubeletCounters {
  /** Every series of a name, in the order of the file. */
  series(name: KubeletSeries): readonly KubeletSeriesCounters[]
}

/** One series. */
export interface KubeletSeriesCounters {
  readonly labels: Readonly<Record<string, string>>
  /** What was counted since the kubelet started. */
  readonly last: Reading
  /** What it grew by between two samples; undefined with one sample, or where the kubelet started anew. */
  readonly growth: Growth | undefined
}

interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly reading: Reading
}

const NAMES: ReadonlySet<string> = new Set<string>(KUBELET_SERIES)

/** A kubelet counts some ten thousand series, of these names some hundred. */
const MOST_SERIES = 10_000

/** Reads what a kubelet counted, in one or two samples. */
export async function readKubelet(
  bundle: BundleReader,
  samples: readonly SampleFile[],
  hasRebooted: boolean,
): Promise<KubeletCounters> {
  const first = await readSeries(bundle, samples[0])
  const second = await readSeries(bundle, samples[1])
  const [before, after] = second.size > 0 ? [first, second] : [NONE, first]
  const startOf = (series: ReadonlyMap<string, Series>): number | undefined =>
    [...series.values()].find(({ name }) => name === 'process_start_time_seconds')?.reading.value
  const isSameLife = !hasRebooted && startOf(before) === startOf(after)
  const byName = Map.groupBy(after, ([, { name }]) => name)
  return {
    series: (name) =>
      (byName.get(name) ?? []).map(([key, { labels, reading }]) => ({
        labels,
        last: reading,
        growth: isSameLife ? growthOf(before.get(key)?.reading ?? zeroBefore(before, reading), reading) : undefined,
      })),
  }
}

/** A series appears with its first event: what the same kubelet did not have in the first sample was nought then. */
function zeroBefore(before: ReadonlyMap<string, Series>, reading: Reading): Reading | undefined {
  const [first] = before.values()
  return first && { ...reading, value: 0, taken: first.reading.taken }
}

const NONE: ReadonlyMap<string, Series> = new Map()

async function readSeries(bundle: BundleReader, sample: SampleFile | undefined): Promise<ReadonlyMap<string, Series>> {
  const series = new Map<string, Series>()
  if (!sample) return series
  const { file, taken } = sample
  await scanSamples(bundle.stream(file), NAMES, (scanned) => {
    const { name, labels } = scanned
    const reading = readingOf(scanned, file, taken)
    const key = `${name} ${JSON.stringify(Object.entries(labels).sort())}`
    if (reading && series.size < MOST_SERIES && !series.has(key)) series.set(key, { name, labels, reading })
  }).catch(() => undefined)
  return series
}
