import { REMOTE } from './classes.ts'
import type { LogClass, LogLevel, LogLine, LogTemplate } from './log-summary.ts'
import { findTargets } from './targets.ts'
import { templateKey } from './template-key.ts'

export const MAX_TEMPLATES = 100
const MAX_TARGETS = 10
const MAX_TIMES = 60

/** Templates that were not kept are told apart up to this number; further ones are not counted. */
const MAX_DROPPED = 500_000

/** A line that is worth a template. */
export interface Remark {
  readonly level: LogLevel
  readonly classes: readonly LogClass[]
  /** What makes it one of its kind, and where it names whom it called. */
  readonly words: string
  readonly places: string
  readonly line: LogLine
  /** The line of the head of its stack trace, else its own. */
  readonly head: number
}

/** Gathers lines into a bounded number of templates. */
export interface Templates {
  add(remark: Remark): void
  /** Whom the last line called, as lines that followed on it say. */
  addPlaces(text: string): void
  list(): readonly LogTemplate[]
  dropped(): number
}

/** Where all places are taken, the gravest stay: what a log says at its very end is not lost to warnings before it. */
export function createTemplates(): Templates {
  const kept = new Map<string, Draft>()
  const dropped = new Set<number>()
  let last: Draft | undefined

  function find(key: string, remark: Remark): Draft | undefined {
    const draft = kept.get(key)
    if (draft) return draft
    if (kept.size < MAX_TEMPLATES) return keep(key, remark)
    const hash = hashOf(key)
    if (dropped.has(hash)) return undefined
    const lightest = findLightest(kept)
    if (!lightest || lightest[1].weight >= weightOf(remark)) {
      drop(hash)
      return undefined
    }
    kept.delete(lightest[0])
    drop(hashOf(lightest[0]))
    return keep(key, remark)
  }

  function keep(key: string, remark: Remark): Draft {
    const draft = createDraft(remark)
    kept.set(key, draft)
    return draft
  }

  function drop(hash: number): void {
    if (dropped.size < MAX_DROPPED) dropped.add(hash)
  }

  return {
    add(remark) {
      const key = `${remark.level} ${remark.classes.join()} ${templateKey(remark.words)}`
      last = find(key, remark)
      if (last) addLine(last, remark)
    },
    addPlaces(text) {
      if (last) addCalled(last, text)
    },
    list: () => [...kept.values()].map(toTemplate).sort((one, other) => one.example.line - other.example.line),
    dropped: () => dropped.size,
  }
}

interface Draft {
  readonly level: LogLevel
  readonly classes: readonly LogClass[]
  readonly weight: number
  readonly example: LogLine
  lastLine: LogLine
  head: number
  count: number
  first: number | undefined
  last: number | undefined
  readonly targets: Set<string>
  readonly resolvers: Set<string>
  times: number[]
  /** Of how many lines one has its time kept. */
  stride: number
}

function createDraft({ level, classes, words, line, head }: Remark): Draft {
  return {
    level,
    classes,
    weight: weightOf({ level, classes, words }),
    example: line,
    lastLine: line,
    head,
    count: 0,
    first: undefined,
    last: undefined,
    targets: new Set(),
    resolvers: new Set(),
    times: [],
    stride: 1,
  }
}

const WEIGHTS: Readonly<Record<LogLevel, number>> = { fatal: 8, error: 6, warn: 4, info: 2, unknown: 2, debug: 0 }

function weightOf({ level, classes }: Pick<Remark, 'level' | 'classes' | 'words'>): number {
  return WEIGHTS[level] + (classes.length > 0 ? 1 : 0)
}

/** The last of the lightest: what came first is nearer to a cause. */
function findLightest(kept: ReadonlyMap<string, Draft>): readonly [string, Draft] | undefined {
  let lightest: readonly [string, Draft] | undefined
  for (const entry of kept) if (!lightest || entry[1].weight <= lightest[1].weight) lightest = entry
  return lightest
}

function addLine(draft: Draft, { words, places, line, head }: Remark): void {
  addTime(draft, line.at)
  draft.lastLine = line
  draft.head = head
  draft.count += 1
  if (draft.classes.some((one) => REMOTE.has(one))) addCalled(draft, places === '' ? words : `${words} ${places}`)
}

function addTime(draft: Draft, at: number | undefined): void {
  if (at === undefined) return
  draft.first ??= at
  draft.last = at
  if (draft.count % draft.stride !== 0) return
  draft.times.push(at)
  if (draft.times.length <= MAX_TIMES) return
  draft.times = draft.times.filter((_, index) => index % 2 === 0)
  draft.stride *= 2
}

function addCalled(draft: Draft, text: string): void {
  if (draft.targets.size >= MAX_TARGETS) return
  const { targets, resolvers } = findTargets(text)
  addUpTo(draft.targets, targets)
  addUpTo(draft.resolvers, resolvers)
}

function addUpTo(set: Set<string>, values: readonly string[]): void {
  for (const value of values) if (set.size < MAX_TARGETS) set.add(value)
}

function toTemplate(draft: Draft): LogTemplate {
  const { level, classes, example, lastLine, head, count, first, last, times } = draft
  return {
    level,
    classes,
    example,
    lastLine,
    head,
    count,
    ...(first === undefined ? {} : { first }),
    ...(last === undefined ? {} : { last }),
    targets: [...draft.targets].sort(),
    resolvers: [...draft.resolvers].sort(),
    times,
  }
}

/** 53 bits of two multiplicative hashes, mixed at the end (cyrb53): that two of a million keys are equal is one chance in ten thousand. */
function hashOf(text: string): number {
  let low = 0x41c6ce57
  let high = 0xdeadbeef
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    high = Math.imul(high ^ code, 0x9e3779b1)
    low = Math.imul(low ^ code, 0x5f356495)
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35)
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35)
  return (low >>> 11) * 0x100000000 + (high >>> 0)
}
