import type { LedgerLine } from '../../src/bundle/format.ts'

/** What ipamd counts, of the first sample and of the second; one number is of both. */
export interface CountedAddresses {
  /** By `Call code`: `AssignPrivateIpAddresses InsufficientCidrBlocks`. */
  readonly refused?: Readonly<Record<string, Figures>>
  readonly sentAway?: Figures
  readonly total?: Figures
  readonly assigned?: Figures
  readonly interfaces?: Figures
  readonly mostInterfaces?: Figures
  readonly mostAddresses?: Figures
  readonly started?: Figures
}

type Figures = number | readonly [before: number, after: number]

/** Files of two samples of an ipamd whose two of three interfaces hold ten addresses, all given away, unless it says otherwise. */
export function ipamd(node: string, counted: CountedAddresses = {}): Record<string, string> {
  return Object.fromEntries(
    [0, 1].map((sample) => [`nodes/${node}/${sample}/cni/metrics.txt`, ipamdLines(counted, sample).join('\n')]),
  )
}

function ipamdLines(counted: CountedAddresses, sample: number): string[] {
  const { total = 10, assigned = 10, interfaces = 2, mostInterfaces = 3, mostAddresses = 15 } = counted
  const refusals = Object.entries(counted.refused ?? {}).flatMap(([name, figures]) => {
    const [api, error] = name.split(' ')
    const times = at(figures, sample)
    return times === 0 ? [] : [`awscni_aws_api_error_count{api="${api}",error="${error}"} ${times}`]
  })
  return [
    `process_start_time_seconds ${at(counted.started ?? 1_769_900_000, sample)}`,
    `awscni_assigned_ip_addresses ${at(assigned, sample)}`,
    ...refusals,
    `awscni_eni_allocated ${at(interfaces, sample)}`,
    `awscni_eni_max ${at(mostInterfaces, sample)}`,
    `awscni_ip_max ${at(mostAddresses, sample)}`,
    `awscni_no_available_ip_addresses ${at(counted.sentAway ?? 0, sample)}`,
    `awscni_total_ip_addresses ${at(total, sample)}`,
    '',
  ]
}

/** What kube-proxy counts, in seconds of its clock and times, of both samples. */
export interface CountedRules {
  readonly asked?: Figures
  readonly written?: Figures
  readonly failed?: Figures
  readonly started?: Figures
}

/** Files of two samples of the counters of a kube-proxy that has written what it was asked to, unless it says otherwise. */
export function proxyCounters(
  node: string,
  { asked = 1_769_940_000, written = 1_769_940_001, failed = 0, started = 1_769_900_000 }: CountedRules = {},
): Record<string, string> {
  const lines = (sample: number): string[] => [
    `process_start_time_seconds ${at(started, sample)}`,
    `kubeproxy_sync_proxy_rules_iptables_restore_failures_total ${at(failed, sample)}`,
    `kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds ${at(asked, sample)}`,
    `kubeproxy_sync_proxy_rules_last_timestamp_seconds ${at(written, sample)}`,
    '',
  ]
  return Object.fromEntries(
    [0, 1].map((sample) => [`nodes/${node}/${sample}/kube-proxy/metrics.txt`, lines(sample).join('\n')]),
  )
}

/** Files of two samples of the counters of CoreDNS in a pod, `kube-system/coredns-1`. */
export function coredns(
  pod: string,
  { refused = 0, broken = 0 }: { readonly refused?: Figures; readonly broken?: Figures },
): Record<string, string> {
  const lines = (sample: number): string[] => [
    'process_start_time_seconds 1.7699e+09',
    `coredns_forward_healthcheck_broken_total ${at(broken, sample)}`,
    `coredns_forward_max_concurrent_rejects_total ${at(refused, sample)}`,
    '',
  ]
  return Object.fromEntries(
    [0, 1].map((sample) => [`components/${pod}/${sample}/dns-metrics/metrics.txt`, lines(sample).join('\n')]),
  )
}

function at(figures: Figures, sample: number): number {
  return typeof figures === 'number' ? figures : (figures[sample] ?? figures[0])
}

/** Lines of the ledger about ports of a node, in both samples: whether anybody listened, or why nobody knows. */
export function portLines(
  node: string,
  collector: string,
  ports: Readonly<Record<string, boolean | LedgerLine['status']>>,
  samples: readonly (0 | 1)[] = [0, 1],
): LedgerLine[] {
  return samples.flatMap((sample) =>
    Object.entries(ports).map(([port, answer]): LedgerLine => {
      const status = answer === true ? 'complete' : answer === false ? 'unsupported' : answer
      const reason =
        answer === true ? {} : { reason: answer === false ? `nobody listens on port ${port}` : 'it was not to be' }
      const scope = { node, sample, path: `:${port}/metrics` }
      return { collector, scope, status, ...reason, requests: 1, bytes: 1, files: [] }
    }),
  )
}
