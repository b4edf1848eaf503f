import type { Container } from '../../incident/container.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { parseQuantity } from '../../incident/quantity.ts'
import type { Ref } from '../../incident/reference.ts'
import { type Usage, usageOfContainer } from '../../incident/usage.ts'
import { type TemplateChange, templateChange } from '../template-change.ts'

/** A limit below which a piece of work of 20 ms takes longer than one period of the quota (100 ms): too little for a server. */
export const TIGHT = 0.2

/** A limit from which on a single-threaded program is never throttled. */
export const ONE_CORE = 1

/** So much of its limit a container uses on average when it is throttled in most periods (judgement). */
const AT_LIMIT = 0.9

/** A container younger than this has not used what its average says. */
const SETTLED = 2 * 60 * 1000

/** The CPU limit of a container, with what tells whether it is too low. */
export interface CpuLimit {
  readonly container: Container
  readonly limit: number
  /** How the latest rollout lowered it, if it did so before the trouble began. */
  readonly lowered: TemplateChange | undefined
  /** Of the pod that used most. */
  readonly usage: (Usage & { readonly cpu: number }) | undefined
  readonly isAtLimit: boolean
}

/** Reads the limit of a container of some pods of a workload; undefined where it has none. */
export function readCpuLimit(
  incident: Incident,
  { workload, pods, container, onset }: { workload: Ref; pods: readonly Pod[]; container: Container; onset: number },
): CpuLimit | undefined {
  const limit = container.limits.cpu
  if (limit === undefined) return undefined
  const usage = highestUsage(incident, pods, container.name)
  const isAtLimit = usage !== undefined && usage.cpu >= AT_LIMIT * limit
  return { container, limit, lowered: loweredLimit(incident, workload, container.name, onset), usage, isAtLimit }
}

/** A limit of this share of the one before is no adjustment. Our judgement. */
const DRASTIC = 0.1

/** Whether a rollout left a container a small part of what it had: a tenth, or of all that the node has almost nothing. */
export function isCut({ limit, lowered }: CpuLimit): boolean {
  if (lowered === undefined) return false
  const before = parseQuantity(lowered.before)
  return before === undefined ? limit <= TIGHT : limit < ONE_CORE && limit <= DRASTIC * before
}

/** A change after the trouble began cannot be behind it. */
function loweredLimit(incident: Incident, workload: Ref, container: string, onset: number): TemplateChange | undefined {
  const change = templateChange(incident, workload, container, 'resources', 'limits', 'cpu')
  const [before = Number.POSITIVE_INFINITY, after] = [parseQuantity(change?.before), parseQuantity(change?.after)]
  const isBefore = (change?.at ?? 0) <= onset + incident.clocks.tolerance
  return after !== undefined && after < before && isBefore ? change : undefined
}

function highestUsage(incident: Incident, pods: readonly Pod[], container: string): CpuLimit['usage'] {
  const usages = pods
    .filter((pod) => isSettled(incident, pod, container))
    .flatMap((pod) => {
      const usage = usageOfContainer(incident, pod.ref, container)
      return usage?.cpu === undefined ? [] : [{ ...usage, cpu: usage.cpu }]
    })
  return usages.sort((a, b) => b.cpu - a.cpu)[0]
}

function isSettled({ now }: Incident, { containers }: Pod, container: string): boolean {
  const state = containers.find(({ name }) => name === container)?.state
  return state?.kind === 'running' && now - (state.since ?? now) > SETTLED
}
