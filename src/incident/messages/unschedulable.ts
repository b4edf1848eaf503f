/** What the scheduler says of a pod that fits no node, taken apart. */
export interface Unschedulable {
  readonly nodes: number
  readonly available: number
  readonly reasons: readonly UnschedulableReason[]
  readonly preemption?: Preemption
}

export interface Preemption {
  /** False where the scheduler says so of every node: none failed for want of room, so no eviction would help. */
  readonly helpful: boolean
  /** Nodes on which no pod of a lower priority could make room. */
  readonly noVictims: number
  readonly reasons: readonly UnschedulableReason[]
}

export interface UnschedulableReason {
  readonly count: number
  readonly words: string
  readonly kind: UnschedulableKind
  readonly resource?: string
  readonly taint?: { readonly key: string; readonly value?: string }
  readonly name?: string
}

export type UnschedulableKind =
  | 'insufficient'
  | 'taint'
  | 'node-affinity'
  | 'pod-affinity'
  | 'pod-anti-affinity'
  | 'topology-spread'
  | 'host-ports'
  | 'too-many-pods'
  | 'volume-node-affinity'
  | 'volume-limit'
  | 'volume-binding'
  | 'unbound-volume-claims'
  | 'missing-volume-claim'
  | 'volume-in-use'
  | 'unschedulable-node'
  | 'pressure'
  | 'node-name'
  | 'other'

/** A reason: its kind, and the words that prove it, whose groups are its values. */
const KINDS: readonly (readonly [UnschedulableKind, RegExp])[] = [
  ['too-many-pods', /^(?:Too many pods|Insufficient pods)/],
  ['insufficient', /^Insufficient (?<resource>\S+)/],
  ['taint', /^(?:node\(s\) )?had (?:untolerated )?taint \{(?<key>[^:}]+): (?<value>[^}]*)\}/],
  ['taint', /untolerated taint|had taints? that the pod didn't tolerate/],
  ['unschedulable-node', /\b(?:were|was) unschedulable/],
  ['pressure', /\bhad (?:disk|memory|pid) pressure|\b(?:were|was) (?:not ready|out of disk)|had network unavailable/],
  ['volume-node-affinity', /volume node affinity conflict|no available volume zone/],
  [
    'node-affinity',
    /didn't (?:match|satisfy) (?:Pod's )?node (?:affinity|selector)|node affinity\/selector|didn't match node selector/,
  ],
  ['topology-spread', /topology spread constraints/],
  ['pod-anti-affinity', /anti-affinity/],
  ['pod-affinity', /pod affinity/],
  ['host-ports', /free ports for the requested pod ports/],
  ['volume-limit', /exceed max volume count|exceed(?:ed)? max volume/],
  ['volume-binding', /didn't find available persistent volumes to bind/],
  ['unbound-volume-claims', /unbound (?:immediate )?PersistentVolumeClaims/],
  ['missing-volume-claim', /persistentvolumeclaim "(?<name>[^"]+)" not found/],
  ['volume-in-use', /no available disk|disk conflict|ReadWriteOncePod/],
  ['node-name', /didn't match the requested (?:node name|hostname)|didn't match (?:node name|the requested node)/],
]

const HEAD = /(?<available>\d+)\/(?<nodes>\d+) nodes are available(?<colon>:)?/
const PREEMPTION = /(?:[.,]\s{0,4})?(?:(?:no new claims to deallocate|still not schedulable),\s{0,4})?preemption: /
const COUNTED = /^(\d+) (.+)$/s

/** Takes a FailedScheduling message of the scheduler apart; undefined where it is another's. */
export function parseUnschedulable(message: string): Unschedulable | undefined {
  const head = HEAD.exec(message)
  if (!head?.groups) return undefined
  const rest = message.slice(head.index + head[0].length)
  const [causes = '', tail] = splitOnce(rest, PREEMPTION)
  const nodes = Number(head.groups.nodes)
  const reasons = reasonsOf(causes, nodes)
  return {
    nodes,
    available: Number(head.groups.available),
    reasons,
    ...(tail === undefined ? {} : { preemption: parsePreemption(tail) }),
  }
}

function splitOnce(text: string, separator: RegExp): [string, string?] {
  const found = separator.exec(text)
  return found ? [text.slice(0, found.index), text.slice(found.index + found[0].length)] : [text]
}

function parsePreemption(text: string): Preemption {
  const head = HEAD.exec(text)
  const reasons = reasonsOf(head ? text.slice(head.index + head[0].length) : text, Number(head?.groups?.nodes ?? 0))
  const unhelpful = sum(reasons, /not helpful for scheduling/i)
  const all = sum(reasons, /./)
  return {
    helpful: all === 0 || unhelpful < all,
    noVictims: sum(reasons, /^no (?:preemption )?victims found/i),
    reasons,
  }
}

function sum(reasons: readonly UnschedulableReason[], words: RegExp): number {
  return reasons.filter((reason) => words.test(reason.words)).reduce((total, reason) => total + reason.count, 0)
}

/** `3 Insufficient cpu, 9 node(s) had …`: a comma separates reasons only in front of a count, for old texts have commas within. */
function reasonsOf(text: string, nodes: number): UnschedulableReason[] {
  const parts = text.replace(/^[:\s]+|[.\s]+$/g, '').split(/, (?=\d+ )/)
  return parts.filter((part) => part !== '').map((part) => reasonOf(part, nodes))
}

function reasonOf(part: string, nodes: number): UnschedulableReason {
  const [, count, counted] = COUNTED.exec(part) ?? []
  const words = (counted ?? part).replace(/[.,\s]+$/, '')
  return { count: count === undefined ? nodes : Number(count), words, ...classify(words) }
}

function classify(words: string): Pick<UnschedulableReason, 'kind' | 'resource' | 'taint' | 'name'> {
  for (const [kind, pattern] of KINDS) {
    const found = pattern.exec(words)
    if (found) return { kind, ...valuesOf(found.groups ?? {}) }
  }
  return { kind: 'other' }
}

function valuesOf({ resource, key, value, name }: Record<string, string | undefined>) {
  return {
    ...(resource === undefined ? {} : { resource }),
    ...(key === undefined ? {} : { taint: value ? { key, value } : { key } }),
    ...(name === undefined ? {} : { name }),
  }
}
