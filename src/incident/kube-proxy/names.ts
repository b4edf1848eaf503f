/** What kube-proxy counts and notes (kubernetes/kubernetes v1.32, pkg/proxy/metrics/metrics.go; with `ip_family` since v1.33, pull request 129173). */
export const KUBE_PROXY_SERIES = [
  'kubeproxy_sync_proxy_rules_last_timestamp_seconds',
  'kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds',
  'kubeproxy_sync_proxy_rules_iptables_restore_failures_total',
  'kubeproxy_sync_proxy_rules_nftables_sync_failures_total',
] as const

export type KubeProxySeries = (typeof KUBE_PROXY_SERIES)[number]
