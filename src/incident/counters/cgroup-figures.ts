import type { CgroupName } from './names.ts'
import { readPressureLine } from './pressure-line.ts'

/** A figure of a cgroup, in the unit of cAdvisor: seconds where it is a time, microseconds of a quota. */
export interface CgroupNumber {
  readonly name: CgroupName
  readonly value: number
}

/** The key of a line, or nothing where the line is the value alone; what it is, and how much of its unit one is. */
type Meaning = readonly [key: string, name: CgroupName, unit?: number]

const MICRO = 1e-6
const NANO = 1e-9

/** By file: of cgroup v2, then of v1 (Documentation/admin-guide/cgroup-v2.rst, Documentation/scheduler/sched-bwc.rst, cgroup-v1/memory.rst). */
const MEANINGS: Readonly<Record<string, readonly Meaning[]>> = {
  'cpu.stat': [
    ['nr_periods', 'container_cpu_cfs_periods_total'],
    ['nr_throttled', 'container_cpu_cfs_throttled_periods_total'],
    ['throttled_usec', 'container_cpu_cfs_throttled_seconds_total', MICRO],
    ['throttled_time', 'container_cpu_cfs_throttled_seconds_total', NANO],
    ['usage_usec', 'container_cpu_usage_seconds_total', MICRO],
  ],
  'memory.events': [
    ['oom_kill', 'container_oom_events_total'],
    ['max', 'container_memory_failcnt'],
  ],
  'pids.events': [['max', 'container_refused_processes_total']],
  'pids.current': [['', 'container_threads']],
  'pids.max': [['', 'container_threads_max']],
  'cpu.cfs_quota_us': [['', 'container_spec_cpu_quota']],
  'cpu.cfs_period_us': [['', 'container_spec_cpu_period']],
  'cpu.cfs_burst_us': [['', 'container_spec_cpu_burst']],
  'cpu.max.burst': [['', 'container_spec_cpu_burst']],
  'cpuacct.usage': [['', 'container_cpu_usage_seconds_total', NANO]],
  'memory.failcnt': [['', 'container_memory_failcnt']],
  'memory.oom_control': [['oom_kill', 'container_oom_events_total']],
}

/** The figures in one line of a file of a cgroup; none of a line that is not as the kernel writes it. */
export function readFigures(file: string, text: string): readonly CgroupNumber[] {
  if (file === 'cpu.max') return readQuota(text)
  if (file === 'cpu.pressure') return readPressure(text)
  const [key, number] = splitLine(text)
  const meaning = MEANINGS[file]?.find((one) => one[0] === key)
  if (!meaning || number === undefined) return []
  const [, name, unit = 1] = meaning
  return [{ name, value: number * unit }]
}

/** `nr_periods 12`, or `12` alone; a quota that there is not is -1. */
function splitLine(text: string): readonly [string, number | undefined] {
  const [, key = '', digits] = /^(?:([a-z_]{1,40}) )?(-?\d{1,20})$/.exec(text) ?? []
  return [key, digits === undefined ? undefined : Number(digits)]
}

/** `5000 100000`, or `max 100000` without a limit. */
function readQuota(text: string): readonly CgroupNumber[] {
  const [, quota, period] = /^(\d{1,16}|max) (\d{1,16})$/.exec(text) ?? []
  if (quota === undefined || period === undefined) return []
  return [
    { name: 'container_spec_cpu_quota', value: quota === 'max' ? -1 : Number(quota) },
    { name: 'container_spec_cpu_period', value: Number(period) },
  ]
}

function readPressure(text: string): readonly CgroupNumber[] {
  const pressure = readPressureLine(text)
  return pressure ? [{ name: 'container_pressure_cpu_waiting_seconds_total', value: pressure.seconds }] : []
}
