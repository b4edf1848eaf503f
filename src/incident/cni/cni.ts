import type { BundleReader } from '../../bundle/reader.ts'
import { readSeries, type SeriesCounters } from '../counters/series.ts'
import { findSamples } from '../sample-files.ts'
import { type AddressPool, readAddressPools } from './address-pool.ts'
import { CNI_SERIES, type CniSeries } from './names.ts'
import { type Reserve, readReserve } from './settings.ts'

/** What the daemons of the Amazon VPC CNI answered, of those nodes that were asked. */
export interface Cni {
  /** By name. */
  readonly nodes: readonly CniNode[]
  of(node: string): CniNode | undefined
}

/** What the daemon of one node answered. */
export interface CniNode {
  readonly node: string
  /** One for each network card, of the latest sample; none where it did not say. */
  readonly pools: readonly AddressPool[]
  /** What it is told to keep in reserve. */
  readonly reserve: Reserve | undefined
  readonly counters: SeriesCounters<CniSeries>
}

/** Reads what ipamd answered, one node after the other. */
export async function readCni(bundle: BundleReader): Promise<Cni> {
  const nodes: CniNode[] = []
  for (const { owner, files } of findSamples(bundle, 'cni')) {
    const [pools, settings] = [files('enis.json').at(-1), files('ipamd-env.json')[0]]
    nodes.push({
      node: owner,
      pools: pools ? await readAddressPools(bundle, pools.file) : [],
      reserve: settings && (await readReserve(bundle, settings.file)),
      counters: await readSeries(bundle, files('metrics.txt'), CNI_SERIES),
    })
  }
  const byNode = new Map(nodes.map((one) => [one.node, one]))
  return { nodes, of: (node) => byNode.get(node) }
}
