import { atLeastOne, type Citations } from '../citation.ts'
import type { Ref } from '../reference.ts'
import type { CgroupCounters } from './cgroups.ts'
import type { Counters } from './counters.ts'
import { citeReading, type Reading } from './reading.ts'

/** How far the kernel held a container up for its CPU limit. */
export interface Throttling {
  /** Periods of the quota, 100 ms as a rule, in which it wanted to run, and those in which it had used its share. */
  readonly periods: number
  readonly throttled: number
  readonly share: number
  /** Seconds that its threads stood still, added up over processors. */
  readonly stood: number
  /** Seconds between the readings; undefined where it is of all its life. */
  readonly seconds: number | undefined
  /** Cores that it may use. */
  readonly quota: number | undefined
  /** Read of the cgroup around the pod: its own was not read twice. */
  readonly isWholePod: boolean
  readonly cites: Citations
}

const PERIODS = 'container_cpu_cfs_periods_total'
const THROTTLED = 'container_cpu_cfs_throttled_periods_total'
const STOOD = 'container_cpu_cfs_throttled_seconds_total'

/** Fewer periods than two seconds of work have say nothing of a share (judgement). */
const FEWEST_PERIODS = 20

/**
 * How a container was throttled between two samples. Where cAdvisor has not looked at it in between, the cgroup around its pod tells, which has
 * a quota only where every container has one; its sum is not exceeded before theirs.
 */
export function throttlingNow(counters: Counters, pod: Ref, container: string): Throttling | undefined {
  const own = counters.cgroupOf(pod, container)
  const around = counters.cgroupOf(pod)
  return (own && growthIn(own)) ?? (around && growthIn(around))
}

/** How it was throttled ever since it started: in one sample, nobody knows when. */
export function throttlingEver(counters: Counters, pod: Ref, container: string): Throttling | undefined {
  const cgroup = counters.cgroupOf(pod, container)
  const [periods, throttled] = [cgroup?.last(PERIODS), cgroup?.last(THROTTLED)]
  if (!cgroup || !periods || !throttled) return undefined
  return describe(cgroup, periods.value, throttled.value, cgroup.last(STOOD)?.value ?? 0, undefined, [
    throttled,
    periods,
  ])
}

function growthIn(cgroup: CgroupCounters): Throttling | undefined {
  const [periods, throttled] = [cgroup.growth(PERIODS), cgroup.growth(THROTTLED)]
  if (!periods || !throttled) return undefined
  const readings = [throttled.before, throttled.after, periods.before, periods.after]
  return describe(cgroup, periods.delta, throttled.delta, cgroup.growth(STOOD)?.delta ?? 0, periods.seconds, readings)
}

function describe(
  cgroup: CgroupCounters,
  periods: number,
  throttled: number,
  stood: number,
  seconds: number | undefined,
  readings: readonly Reading[],
): Throttling | undefined {
  if (periods < FEWEST_PERIODS) return undefined
  return {
    periods,
    throttled,
    share: Math.min(1, throttled / periods),
    stood,
    seconds,
    quota: quotaOf(cgroup),
    isWholePod: cgroup.container === '',
    cites: atLeastOne(readings.map(citeReading)),
  }
}

/** cAdvisor tells microseconds of a period; a quota of -1 or 0 is none. */
function quotaOf(cgroup: CgroupCounters): number | undefined {
  const [quota, period] = [cgroup.last('container_spec_cpu_quota'), cgroup.last('container_spec_cpu_period')]
  return quota && period && quota.value > 0 && period.value > 0 ? quota.value / period.value : undefined
}
