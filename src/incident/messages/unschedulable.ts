import { READ } from './message.ts'

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
  ['volume-node-affinity', /volume node affinity conflict|PersistentVolume's node affinity|no available volume zone/],
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
  ['volume-in-use', /no available disk|disk conflict|ReadWriteOncePod access mode/],
  ['node-name', /didn't match the requested (?:node name|hostname)|didn't match (?:node name|the requested node)/],
]

const HEAD = /(?<available>\d{1,7})\/(?<nodes>\d{1,7}) nodes are available/

/** What stands between the two halves has changed; that the second names preemption has not. */
const PREEMPTION =
  /(?:[.,]+\s{0,4})?(?:(?:no new claims to deallocate|still not schedulable),\s{0,4})?preemption:\s{1,4}/

/** What old schedulers said without counting nodes, as they had not looked at any. */
const UNCOUNTED = /^(?:pod has unbound|persistentvolumeclaim ")/

/** Takes a FailedScheduling message of the scheduler apart; undefined where it is another's. Nodes are 0 where it counts none. */
export function parseUnschedulable(message: string): Unschedulable | undefined {
  const read = message.slice(0, READ)
  const head = HEAD.exec(read)
  if (!head && !UNCOUNTED.test(read)) return undefined
  const [causes, tail] = splitOnce(head ? read.slice(head.index + head[0].length) : read, PREEMPTION)
  const nodes = Number(head?.groups?.nodes ?? 0)
  return {
    nodes,
    available: Number(head?.groups?.available ?? 0),
    reasons: reasonsOf(causes, nodes),
    ...(tail === undefined ? {} : { preemption: parsePreemption(tail) }),
  }
}

function splitOnce(text: string, separator: RegExp): [string, string?] {
  const found = separator.exec(text)
  return found ? [text.slice(0, found.index), text.slice(found.index + found[0].length)] : [text]
}

function parsePreemption(text: string): Preemption {
  const head = HEAD.exec(text)
  const nodes = Number(head?.groups?.nodes ?? 0)
  const reasons = reasonsOf(head ? text.slice(head.index + head[0].length) : text, nodes)
  const unhelpful = sum(reasons, /preemption is not helpful for scheduling/i)
  return {
    helpful: unhelpful === 0 || unhelpful < sum(reasons, /^/),
    noVictims: sum(reasons, /^no (?:preemption )?victims found/i),
    reasons,
  }
}

function sum(reasons: readonly UnschedulableReason[], words: RegExp): number {
  return reasons.filter((reason) => words.test(reason.words)).reduce((total, reason) => total + reason.count, 0)
}

/** A reason without a count is one of all nodes: the scheduler found it before it looked at any. */
function reasonsOf(text: string, nodes: number): UnschedulableReason[] {
  return splitReasons(text).map(({ count, words }) => ({ count: count ?? nodes, words, ...classifyReason(words) }))
}

/** `3 Insufficient cpu, 9 node(s) had …`: a comma ends a reason only in front of a count, for old reasons have commas within. */
export function splitReasons(text: string): readonly { readonly count: number | undefined; readonly words: string }[] {
  const parts = text.replace(/^[:\s]+/, '').split(/,\s{0,4}(?=\d{1,7} \S)/)
  return parts.map(countedWords).filter(({ words }) => words !== '')
}

function countedWords(part: string): { count: number | undefined; words: string } {
  const [, count, words = part] = /^(\d{1,7}) (.+)$/s.exec(part) ?? []
  return { count: count === undefined ? undefined : Number(count), words: trimEnd(words) }
}

/** Without a pattern: one for the end of a text is slow on a text of dots. */
function trimEnd(words: string): string {
  let end = words.length
  while (end > 0 && ' .,\n'.includes(words[end - 1] ?? '-')) end--
  return words.slice(0, end)
}

/** What kind of reason it is, and the values in its words. */
export function classifyReason(words: string): Pick<UnschedulableReason, 'kind' | 'resource' | 'taint' | 'name'> {
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
