import type { BundleReader } from '../../bundle/reader.ts'
import { KUBELET_SERIES, type KubeletSeries } from './names.ts'
import type { SampleFile } from './reading.ts'
import { readSeries, type SeriesCounters } from './series.ts'

/** What a kubelet counted of itself. */
export type KubeletCounters = SeriesCounters<KubeletSeries>

/** Reads what a kubelet counted, in one or two samples. */
export function readKubelet(
  bundle: BundleReader,
  samples: readonly SampleFile[],
  hasRebooted: boolean,
): Promise<KubeletCounters> {
  return readSeries(bundle, samples, KUBELET_SERIES, hasRebooted)
}
