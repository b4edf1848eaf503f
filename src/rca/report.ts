import type { Citation } from '../incident/citation.ts'
import type { Ref } from '../incident/reference.ts'
import type { Action, Domain, FindingKind, Strength, SymptomClass } from '../rules/rule.ts'

/** Raised when an older reader would misread a newer report; an added optional field does not raise it. */
export const REPORT_FORMAT = { type: 'freezeframe-report', version: 1 } as const

/**
 * confirmed: proven, the chain complete, rivals excluded. probable: strong, one gap. possible: it fits. insufficient-evidence: something
 * is broken, and nothing says why.
 */
export const CONFIDENCES = ['confirmed', 'probable', 'possible', 'insufficient-evidence'] as const

export type Confidence = (typeof CONFIDENCES)[number]

/** What `analyze` answers: plain JSON, the same bytes for the same bundle. Times are RFC 3339 in UTC, by the API server's clock. */
export interface Report {
  readonly format: { readonly type: string; readonly version: number }
  readonly tool: { readonly name: string; readonly version: string }
  readonly bundle: ReportBundle
  /** What it was narrowed to. */
  readonly focus: { readonly object: string | null; readonly from: string | null; readonly to: string | null }
  readonly verdict: Verdict
  /** Where it fails: the smallest thing that holds all that is broken. */
  readonly failureDomain: { readonly kind: FailureDomain; readonly name: string; readonly says: string }
  readonly blastRadius: BlastRadius
  /** What to do now, of the first cause and of independent ones, in order. */
  readonly mitigation: readonly ReportAction[]
  /** Best first. */
  readonly causes: readonly Cause[]
  /** Everything that is seen to be broken, worst first. */
  readonly symptoms: readonly ReportSymptom[]
  /** Weak spots that broke nothing that is seen. */
  readonly risks: readonly ReportFinding[]
  /** Evidence that was destroyed before or during the capture. */
  readonly evidenceLoss: readonly ReportFinding[]
  /** Nodes that somebody is about to replace or reboot, with the evidence on them, soonest first; absent where there are none. */
  readonly deadlines?: readonly ReportDeadline[]
  readonly timeline: readonly Moment[]
  readonly rules: readonly ReportRule[]
  readonly coverage: readonly { readonly evidence: string; readonly how: 'some' | 'none'; readonly why: string }[]
  /** What to collect next time, and what would decide between the first two causes. */
  readonly next: readonly string[]
  /** Commands that look at the same evidence again. */
  readonly replay: readonly string[]
  /** What `cites` refer to, by index. */
  readonly citations: readonly Citation[]
}

/** When a node is replaced or rebooted. */
export interface ReportDeadline {
  readonly node: string
  readonly at: string
  /** By whom. */
  readonly by: string
  /** False where it depends on a setting that no object of the cluster shows. */
  readonly certain: boolean
  readonly says: string
  readonly cites: readonly number[]
}

export interface ReportBundle {
  /** File name, without its path. */
  readonly name: string
  /** Root hash of the manifest; empty where it is lost. */
  readonly root: string
  readonly cluster: string
  readonly version: string | null
  /** When it was captured, by the API server's clock; the manifest's is the capturing machine's. */
  readonly window: { readonly start: string; readonly end: string }
  readonly outcome: string
  /** Why it is not whole; null for a whole one. */
  readonly truncated: string | null
  /** Where it was uploaded to, if it was. */
  readonly destination: string | null
  /** Clocks of nodes that differ from the API server's, in milliseconds. */
  readonly clockOffsets: Readonly<Record<string, number>>
}

export interface Verdict {
  /** `healthy`: nothing is seen to be broken. `explained`: the first cause is confirmed or probable. `unsure`: it is less than that. */
  readonly status: 'healthy' | 'explained' | 'unsure'
  readonly confidence: Confidence | null
  /** One sentence. */
  readonly says: string
}

export type FailureDomain =
  | 'none'
  | 'pod'
  | 'workload'
  | 'namespace'
  | 'node'
  | 'node-group'
  | 'zone'
  | 'dependency'
  | 'cluster'

export interface BlastRadius {
  readonly says: string
  readonly workloads: readonly Ref[]
  readonly services: readonly Ref[]
  readonly nodes: readonly Ref[]
  readonly namespaces: readonly string[]
  readonly pods: { readonly failing: number; readonly total: number }
}

export interface ReportAction extends Action {
  /** The cause that it is for: its place in `causes`. */
  readonly cause: number
}

export interface ReportFinding {
  readonly rule: string
  readonly title: string
  readonly kind: FindingKind
  readonly subject: Ref
  readonly strength: Strength
  readonly from: string | null
  readonly to: string | null
  readonly says: string
  readonly cites: readonly number[]
}

export interface Cause extends ReportFinding {
  /** Counted from 1. */
  readonly rank: number
  readonly domain: Domain
  readonly confidence: Confidence
  /** What the points are for; `--why` shows them. */
  readonly points: { readonly total: number; readonly parts: readonly Points[] }
  /** From what set it off to what people see: each with what it is in the course. */
  readonly chain: readonly Link[]
  /** Changes that set it off, things that made it worse, loops that keep it going. */
  readonly triggers: readonly ReportFinding[]
  readonly amplifiers: readonly ReportFinding[]
  readonly sustaining: readonly ReportFinding[]
  /** Indexes of `symptoms` that it explains. */
  readonly explains: readonly number[]
  readonly against: readonly { readonly says: string; readonly cites: readonly number[] }[]
  readonly missing: readonly string[]
  /** What the failing pods have in common against the healthy ones; only of what nothing explains. */
  readonly common: readonly { readonly says: string; readonly cites: readonly number[] }[]
  /** What else it could be, and why it is not. */
  readonly rivals: readonly { readonly rule: string; readonly subject: Ref; readonly says: string }[]
  readonly mechanism: string
  readonly actions: readonly Action[]
  readonly fix: readonly string[]
  /** False for a cause of its own beside a better one: two incidents at once. */
  readonly alternative: boolean
}

export interface Points {
  readonly for: string
  readonly points: number
  readonly says: string
}

export interface Link extends ReportFinding {
  /** How the one before leads here; empty for the first. */
  readonly by: string
  /** Whether it is not in the bundle but follows from what is. */
  readonly inferred: boolean
}

export interface ReportSymptom extends ReportFinding {
  readonly symptom: SymptomClass
  readonly affects: readonly Ref[]
  /** 1 to 10: what it weighs. */
  readonly weight: number
  /** Ranks of the causes that explain it; none for what is left unexplained. */
  readonly causes: readonly number[]
}

export interface Moment {
  readonly at: string
  /** How exact it is, in milliseconds. */
  readonly uncertainty: number
  readonly about: Ref
  readonly kind: 'change' | 'cause' | 'symptom' | 'capture'
  readonly says: string
  readonly cites: readonly number[]
}

export interface ReportRule {
  readonly id: string
  readonly title: string
  readonly domain: Domain
  readonly status: 'fired' | 'clear' | 'not-evaluated' | 'crashed'
  readonly why: string
  readonly rejections: readonly { readonly subject: Ref; readonly says: string }[]
}
