import type { Citation } from '../../incident/citation.ts'
import { citeReading, type Growth } from '../../incident/counters/reading.ts'
import type { Tracked } from '../../incident/kernel/node.ts'

/** What counters of one kind grew by between two samples, together. */
export interface Grown {
  /** What they count, in words of the kernel or the driver. */
  readonly name: string
  readonly delta: number
  readonly seconds: number
  readonly perSecond: number
  /** The readings of the one that grew most, the later first. */
  readonly cites: readonly Citation[]
}

/** Adds up what counters grew by; undefined where of none it is known: one sample, a reset, or nobody asked. */
export function addGrowth(name: string, tracked: readonly (Tracked | undefined)[]): Grown | undefined {
  const growths = tracked.flatMap((one) => one?.growth ?? []).sort((a, b) => b.delta - a.delta)
  const [most] = growths
  if (!most) return undefined
  const delta = growths.reduce((sum, one) => sum + one.delta, 0)
  return { name, delta, seconds: most.seconds, perSecond: delta / most.seconds, cites: citesOf(most) }
}

function citesOf({ before, after }: Growth): readonly Citation[] {
  return [citeReading(after), citeReading(before)]
}

/** `conntrack_allowance_exceeded grew by 340 within 30 s`. */
export function tellGrown({ name, delta, seconds }: Grown): string {
  return `${name} grew by ${delta} within ${Math.round(seconds)} s`
}

/** Rates within a fifth of each other are the same (judgement). */
const AS_MUCH = 0.8

/** Whether a rate is as much as another one. */
export function isAsMuch(rate: number, other: number): boolean {
  return rate >= AS_MUCH * other
}
