/** What the kernel counts of a cgroup, as cAdvisor names it (github.com/google/cadvisor, docs/storage/prometheus.md). */
export const CGROUP_COUNTERS = [
  'container_cpu_cfs_periods_total',
  'container_cpu_cfs_throttled_periods_total',
  'container_cpu_cfs_throttled_seconds_total',
  'container_oom_events_total',
] as const

/** What is set, not counted; `start_time` tells one life of a container from the next. */
export const CGROUP_FIGURES = [
  'container_spec_cpu_quota',
  'container_spec_cpu_period',
  'container_start_time_seconds',
] as const

/** What only the files of cgroups are asked for, as cAdvisor names it where it has it. Of the refused processes it knows nothing. */
export const CGROUP_FILE_NAMES = [
  'container_cpu_usage_seconds_total',
  'container_pressure_cpu_waiting_seconds_total',
  'container_memory_failcnt',
  'container_refused_processes_total',
  'container_threads',
  'container_threads_max',
  'container_spec_cpu_burst',
] as const

/** What a kubelet counts of itself since it started (k8s.io/kubernetes, pkg/kubelet/metrics). */
export const KUBELET_SERIES = [
  'process_start_time_seconds',
  'kubelet_pleg_relist_duration_seconds_sum',
  'kubelet_pleg_relist_duration_seconds_count',
  'kubelet_runtime_operations_total',
  'kubelet_runtime_operations_errors_total',
] as const

export type CgroupCounter = (typeof CGROUP_COUNTERS)[number]
export type CgroupFigure = (typeof CGROUP_FIGURES)[number]
/** Whatever is known of a cgroup, by either way. */
export type CgroupName = CgroupCounter | CgroupFigure | (typeof CGROUP_FILE_NAMES)[number]
export type KubeletSeries = (typeof KUBELET_SERIES)[number]
