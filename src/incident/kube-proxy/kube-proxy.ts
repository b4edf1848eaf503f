import type { BundleReader } from '../../bundle/reader.ts'
import { readSeries, type SeriesCounters } from '../counters/series.ts'
import { findSamples } from '../sample-files.ts'
import { type ProxyHealth, readProxyHealth } from './health.ts'
import { KUBE_PROXY_SERIES, type KubeProxySeries } from './names.ts'

/** What kube-proxy answered, of those nodes that were asked. */
export interface KubeProxies {
  /** By name. */
  readonly nodes: readonly KubeProxyNode[]
  of(node: string): KubeProxyNode | undefined
}

/** What kube-proxy of one node answered. */
export interface KubeProxyNode {
  readonly node: string
  /** Its health, by sample. */
  readonly health: readonly ProxyHealth[]
  readonly counters: SeriesCounters<KubeProxySeries>
}

/** Reads what kube-proxy answered, one node after the other. */
export async function readKubeProxies(bundle: BundleReader): Promise<KubeProxies> {
  const nodes: KubeProxyNode[] = []
  for (const { owner, files } of findSamples(bundle, 'kube-proxy')) {
    const health = await Promise.all(files('healthz.txt').map(({ file }) => readProxyHealth(bundle, file)))
    nodes.push({
      node: owner,
      health: health.filter((one) => one !== undefined),
      counters: await readSeries(bundle, files('metrics.txt'), KUBE_PROXY_SERIES),
    })
  }
  const byNode = new Map(nodes.map((one) => [one.node, one]))
  return { nodes, of: (node) => byNode.get(node) }
}
