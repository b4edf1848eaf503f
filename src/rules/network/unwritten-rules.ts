import type { Citation } from '../../incident/citation.ts'
import { citeGrowth, citeReading } from '../../incident/counters/reading.ts'
import type { Series } from '../../incident/counters/series.ts'
import type { Incident } from '../../incident/incident.ts'
import type { KubeProxyNode } from '../../incident/kube-proxy/kube-proxy.ts'
import type { KubeProxySeries } from '../../incident/kube-proxy/names.ts'
import { count } from '../../incident/telling.ts'

/** A kube-proxy that does not write what Services mean, by what it says of itself. */
export interface UnwrittenRules {
  readonly node: string
  readonly says: string
  /** Whether it says so itself in every sample, or two of its figures do. */
  readonly isSure: boolean
  /** Whether one figure alone tells it, that may be a slow round. */
  readonly isOnlyLate: boolean
  readonly cites: readonly Citation[]
}

/** What one look at a kube-proxy tells. */
interface Sign {
  readonly says: string
  readonly cites: readonly Citation[]
}

/** In less time a round that was asked for need not have come: `minSyncPeriod` is a second by default, and some set ten. */
const LONG_ENOUGH = 20

/** What kube-proxy of a node says of rules that it did not write; undefined for one that writes them, or was not asked. */
export function unwrittenRulesOn(incident: Incident, node: string): UnwrittenRules | undefined {
  const proxy = incident.kubeProxies.of(node)
  if (!proxy) return undefined
  const [ill, failed, late] = [illHealth(proxy), failedRounds(proxy), overdueRound(proxy)]
  const signs = [ill, failed, late].filter((one) => one !== undefined)
  if (signs.length === 0) return undefined
  return {
    node,
    says: signs.map(({ says }) => says).join(', and '),
    isSure: signs.length > 1 || (ill !== undefined && isLasting(proxy)),
    isOnlyLate: signs.length === 1 && late !== undefined,
    cites: signs.flatMap(({ cites }) => cites),
  }
}

/** It calls itself ill where a change has waited for a minute; of a node that is being taken away it says so as well, and that is no illness. */
function illHealth({ health }: KubeProxyNode): Sign | undefined {
  const last = health.at(-1)
  if (!last || last.isHealthy || !last.isEligible) return undefined
  const since = last.staleSeconds === undefined ? '' : `, and last wrote them ${Math.round(last.staleSeconds)} s ago`
  return { says: `says that changes wait to be written${since}`, cites: [last.citation] }
}

function isLasting({ health }: KubeProxyNode): boolean {
  return health.length > 1 && health.every(({ isHealthy, isEligible }) => !isHealthy && isEligible)
}

/** Writing failed, and no round succeeded between the samples: one that fails and is repeated at once harms nobody. */
function failedRounds(proxy: KubeProxyNode): Sign | undefined {
  const failed = FAILURES.flatMap((name) => proxy.counters.series(name)).filter(
    ({ growth }) => growth !== undefined && growth.delta > 0,
  )
  const [first] = failed.filter((one) => isAtRest(proxy, one))
  if (!first?.growth) return undefined
  const { delta, seconds } = first.growth
  return {
    says: `failed ${count(delta, 'time')} to write its rules within ${Math.round(seconds)} s, and did not succeed`,
    cites: citeGrowth(first.growth),
  }
}

const FAILURES: readonly KubeProxySeries[] = [
  'kubeproxy_sync_proxy_rules_iptables_restore_failures_total',
  'kubeproxy_sync_proxy_rules_nftables_sync_failures_total',
]

/** Whether the last success is the same in both samples. */
function isAtRest(proxy: KubeProxyNode, { labels }: Series): boolean {
  const written = ofFamily(proxy, WRITTEN, labels)
  return written?.first !== undefined && written.first.value === written.last.value
}

/** A round that was asked for before the first sample had not come by the second: by kube-proxy's own clock, compared with itself. */
function overdueRound(proxy: KubeProxyNode): Sign | undefined {
  for (const { labels, first: asked } of proxy.counters.series(ASKED)) {
    const written = ofFamily(proxy, WRITTEN, labels)
    const seconds = ((written?.last.taken ?? 0) - (asked?.taken ?? 0)) / 1000
    if (!written || !asked || asked.value <= written.last.value || asked.value === 0 || seconds < LONG_ENOUGH) continue
    return {
      says: `had not written after ${Math.round(seconds)} s what it had been asked to before`,
      cites: [citeReading(asked), citeReading(written.last)],
    }
  }
  return undefined
}

const ASKED = 'kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds'
const WRITTEN = 'kubeproxy_sync_proxy_rules_last_timestamp_seconds'

/** IPv4 and IPv6 are written apart; before v1.33 one figure stands for both. */
function ofFamily({ counters }: KubeProxyNode, name: KubeProxySeries, labels: Series['labels']): Series | undefined {
  return counters.series(name).find((one) => one.labels.ip_family === labels.ip_family)
}
