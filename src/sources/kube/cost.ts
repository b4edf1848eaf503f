import type { Cost } from '../../bundle/format.ts'

/** Upper bounds of the latency buckets grow by this factor: p50 and p99 are right within 5 %, in memory that does not grow. */
const FACTOR = 1.05

/** Counts what a client asks. */
export interface CostMeter {
  answered(verb: string, status: number): void
  latency(milliseconds: number): void
  received(bytes: number): void
  retried(): void
  cost(): Cost
}

/** Creates the meter of one client. */
export function createCostMeter(): CostMeter {
  const requests: Record<string, Record<string, number>> = {}
  const buckets = new Map<number, number>()
  let bytes = 0
  let retries = 0
  let throttled = 0

  function quantile(part: number): number | null {
    const total = [...buckets.values()].reduce((sum, count) => sum + count, 0)
    let seen = 0
    for (const [bucket, count] of [...buckets].sort(([a], [b]) => a - b)) {
      seen += count
      if (seen >= total * part) return Math.round(FACTOR ** bucket * 10) / 10
    }
    return null
  }

  return {
    answered(verb, status) {
      requests[verb] ??= {}
      const codes = requests[verb]
      codes[status] = (codes[status] ?? 0) + 1
      if (status === 429) throttled++
    },
    latency(milliseconds) {
      const bucket = Math.round(Math.log(Math.max(milliseconds, 0.1)) / Math.log(FACTOR))
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1)
    },
    received(count) {
      bytes += count
    },
    retried() {
      retries++
    },
    cost: () => ({
      requests: structuredClone(requests),
      bytes,
      throttled,
      retries,
      latency: { p50: quantile(0.5), p99: quantile(0.99) },
    }),
  }
}
