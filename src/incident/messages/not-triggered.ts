import { READ } from './message.ts'
import { classifyReason, splitReasons, type UnschedulableKind } from './unschedulable.ts'

/** A reason for which the cluster autoscaler did not make a node for a pod, and how many node groups it is the reason of. */
export interface NotTriggeredReason {
  readonly count: number
  readonly words: string
  /** Beside what a scheduler says of a node that would come: of the group itself. */
  readonly kind: UnschedulableKind | 'max-size' | 'backoff' | 'not-ready' | 'cluster-limit'
  readonly resource?: string
  readonly taint?: { readonly key: string; readonly value?: string }
}

const HEAD = /[Pp]od didn't trigger scale-up(?: \([^)]{0,200}\))?:?\s?/

const OF_GROUPS: readonly (readonly [NotTriggeredReason['kind'], RegExp])[] = [
  ['max-size', /max node group size reached/],
  ['backoff', /in backoff after failed scale-up/],
  ['not-ready', /not ready for scale-up/],
  ['cluster-limit', /max cluster .{1,60} limit reached|max total nodes/],
]

/** Takes a NotTriggerScaleUp message of the cluster autoscaler apart; undefined where it is another's. */
export function parseNotTriggered(message: string): readonly NotTriggeredReason[] | undefined {
  const read = message.slice(0, READ)
  const head = HEAD.exec(read)
  if (!head) return undefined
  return splitReasons(read.slice(head.index + head[0].length)).map(({ count, words }) => ({
    count: count ?? 0,
    words,
    ...classify(words),
  }))
}

function classify(words: string): Omit<NotTriggeredReason, 'count' | 'words'> {
  const group = OF_GROUPS.find(([, pattern]) => pattern.test(words))
  return group ? { kind: group[0] } : classifyReason(words)
}
