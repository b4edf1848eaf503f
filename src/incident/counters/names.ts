/** What the kernel counts of a cgroup, as cAdvisor names it (github.com/google/cadvisor, docs/storage/prometheus.md). */
export const CGROUP_COUNTERS = [
  'container_cpu_cfs_periods_total',
  'container_cpu_cfs_throttled_periods_total',
  'container_cpu_cfs_throttled_seconds_total',
  'container_cpu_usage_seconds_total',
  'container_memory_failcnt',
  'container_oom_events_total',
  'container_network_receive_errors_total',
  'container_network_receive_packets_dropped_total',
  'container_network_transmit_errors_total',
  'container_network_transmit_packets_dropped_total',
  'container_pressure_cpu_waiting_seconds_total',
  'container_pressure_cpu_stalled_seconds_total',
  'container_pressure_memory_waiting_seconds_total',
  'container_pressure_memory_stalled_seconds_total',
  'container_pressure_io_waiting_seconds_total',
  'container_pressure_io_stalled_seconds_total',
] as const

/** What is set, not counted; `start_time` tells one life of a container from the next. */
export const CGROUP_FIGURES = [
  'container_spec_cpu_quota',
  'container_spec_cpu_period',
  'container_start_time_seconds',
] as const

/** What a kubelet counts of itself since it started (k8s.io/kubernetes, pkg/kubelet/metrics and pkg/kubelet/prober). */
export const KUBELET_SERIES = [
  'process_start_time_seconds',
  'kubelet_pleg_relist_duration_seconds_sum',
  'kubelet_pleg_relist_duration_seconds_count',
  'kubelet_pleg_relist_interval_seconds_sum',
  'kubelet_pleg_relist_interval_seconds_count',
  'kubelet_pleg_last_seen_seconds',
  'kubelet_runtime_operations_total',
  'kubelet_runtime_operations_errors_total',
  'kubelet_evictions',
  'prober_probe_total',
] as const

export type CgroupCounter = (typeof CGROUP_COUNTERS)[number]
export type CgroupFigure = (typeof CGROUP_FIGURES)[number]
export type KubeletSeries = (typeof KUBELET_SERIES)[number]

/** Every name that is kept of what kubelets answer. */
export function readMetricNames(): ReadonlySet<string> {
  return new Set<string>([...CGROUP_COUNTERS, ...CGROUP_FIGURES, ...KUBELET_SERIES])
}
