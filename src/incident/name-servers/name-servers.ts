import type { BundleReader } from '../../bundle/reader.ts'
import { readSeries, type SeriesCounters } from '../counters/series.ts'
import type { Ref } from '../reference.ts'
import { findSamples } from '../sample-files.ts'

/**
 * What CoreDNS counts of the questions that it hands on (coredns/coredns, plugin/forward/metrics.go, since v1.7; before with `count` in the
 * names): those that it refused because too many were open, and those for which it knew no upstream that is well.
 */
export const NAME_SERVER_SERIES = [
  'coredns_forward_max_concurrent_rejects_total',
  'coredns_forward_healthcheck_broken_total',
] as const

export type NameServerSeries = (typeof NAME_SERVER_SERIES)[number]

/** What name servers count, of those pods that were asked. */
export interface NameServers {
  of(pod: Ref): SeriesCounters<NameServerSeries> | undefined
}

/** Reads what name servers answered, one after the other. */
export async function readNameServers(bundle: BundleReader): Promise<NameServers> {
  const byPod = new Map<string, SeriesCounters<NameServerSeries>>()
  for (const { owner, files } of findSamples(bundle, 'dns-metrics'))
    byPod.set(owner, await readSeries(bundle, files('metrics.txt'), NAME_SERVER_SERIES))
  return { of: ({ namespace, name }) => byPod.get(`${namespace ?? ''}/${name}`) }
}
