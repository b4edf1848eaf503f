import type { Citations } from '../incident/citation.ts'
import type { EvidenceKind } from '../incident/coverage.ts'
import type { Incident } from '../incident/incident.ts'
import type { Ref } from '../incident/reference.ts'

/** The parts of a cluster, in the order in which they are to be restored: the tie-break between equal causes. */
export const DOMAINS = [
  'control-plane',
  'dns',
  'network',
  'node',
  'aws',
  'storage',
  'disk',
  'compute',
  'scheduling',
  'autoscaling',
  'rollout',
  'termination',
  'workload',
  'healing',
  'generic',
] as const

export type Domain = (typeof DOMAINS)[number]

/**
 * One failure mode: how it is recognised in an incident, and what is to be known of it. `id` is the name of its file, a noun. A rule is a
 * plain constant; `evaluate` yields what it found, and what it looked at and rejected, with the reason.
 */
export interface Rule<Id extends string = string> {
  readonly id: Id
  readonly title: string
  readonly domain: Domain
  /** Incidents of the texts that started the project: `HN 3`, `KIA 4.8.2`. */
  readonly seeds?: readonly string[]
  /** Without any of these kinds of evidence the rule answers "not evaluated". */
  readonly needs: readonly EvidenceKind[]
  /** Evidence that would decide what the rule can only suggest without it. */
  readonly helps?: readonly EvidenceKind[]
  /** What people see of it: only symptoms of these classes are explained by a finding. */
  readonly explains: readonly SymptomClass[]
  readonly explain: Explanation
  evaluate(incident: Incident): Iterable<Finding | Rejection>
}

/** What `freezeframe explain` prints, and `docs/rules/` is made of. Commands may name `{namespace}`, `{name}` and `{node}` of the subject. */
export interface Explanation {
  /** How it comes about, in two to four sentences. */
  readonly mechanism: string
  /** What proves it, and how to check it by hand. */
  readonly proof: readonly string[]
  /** What looks like it and is not, with what tells them apart. */
  readonly lookAlikes: readonly string[]
  readonly mitigate: readonly Action[]
  readonly fix: readonly string[]
  /** Documentation, for further reading. */
  readonly links?: readonly string[]
}

/** Something to do; `changes` marks what changes the cluster: it is advised, never run. */
export interface Action {
  readonly says: string
  readonly command?: string
  readonly changes: boolean
}

/** What to do about a failure mode. */
export type Advice = Pick<Explanation, 'mitigate' | 'fix'>

/** What people see, in classes that rules say they explain. */
export type SymptomClass =
  /** Containers end and are started again. */
  | 'crashing'
  /** Containers wait: image, configuration, sandbox, volumes. */
  | 'not-starting'
  /** Containers run and are not ready. */
  | 'not-ready'
  /** Pods that no node takes. */
  | 'unscheduled'
  /** Pods that their owner cannot create. */
  | 'not-created'
  /** Pods that were evicted, preempted, rejected or lost. */
  | 'evicted'
  /** Objects that do not go away. */
  | 'stuck-terminating'
  | 'node-unhealthy'
  | 'no-endpoints'
  | 'volume-failing'
  | 'rollout-stalled'
  | 'not-scaling'
  | 'job-failing'
  /** Error lines in logs: failed calls, refusals, panics. */
  | 'errors'
  /** Slow, throttled, timing out, without failing. */
  | 'slow'
  | 'control-plane-failing'
  /** A condition of a custom or other object that says it is not well. */
  | 'unhealthy-condition'
  /** A series of warnings about something. */
  | 'warnings'

/** What those come to who get no answer from what they call. */
export const UNANSWERED: readonly SymptomClass[] = [
  'errors',
  'crashing',
  'not-ready',
  'not-starting',
  'no-endpoints',
  'slow',
  'job-failing',
  'rollout-stalled',
]

/** What a finding is in the course of an incident. */
export type FindingKind = 'trigger' | 'cause' | 'mechanism' | 'amplifier' | 'symptom' | 'risk' | 'evidence-loss'

/** proof: this text or these fields can mean nothing else. strong: they rarely do. weak: they fit. */
export type Strength = 'proof' | 'strong' | 'weak'

/** What a rule found. */
export interface Finding {
  readonly kind: FindingKind
  readonly subject: Ref
  readonly strength: Strength
  /** When it was first and last seen, by the API server's clock: it began then or before; undefined where nothing tells it. */
  readonly from: number | undefined
  readonly to?: number | undefined
  /**
   * Where its evidence tells that it had not begun before this moment: what was broken by then has another cause. Left out where `from` is only
   * the oldest trace that is left: events expire, logs are cut, and a status keeps the last of many turns.
   */
  readonly notBefore?: number | undefined
  /** Where several things suffer, when the last of them was first seen to: `from` tells it of the first. */
  readonly lastFrom?: number | undefined
  /** A sentence with the numbers. */
  readonly says: string
  readonly cites: Citations
  /** Facts that speak against it. */
  readonly against?: readonly Claim[]
  /** What would have to be collected to be sure. */
  readonly missing?: readonly string[]
  /** Pods, workloads, services, nodes that suffer from it directly; the subject always counts. */
  readonly affects?: readonly Ref[]
  /** Beside the subject, all whose change may have set it off, where that is not all that suffers: who is only refused sets nothing off. */
  readonly depends?: readonly Ref[]
  /** What to do, where that depends on what was found: else what the rule says. */
  readonly advice?: Advice
  /** For a symptom. */
  readonly symptom?: SymptomClass
}

/** A sentence and where it is read. */
export interface Claim {
  readonly says: string
  readonly cites: Citations
}

/** What a rule looked at and did not take for its failure mode: the answer to "why not". */
export interface Rejection {
  readonly kind: 'rejected'
  readonly subject: Ref
  readonly says: string
}

/** A rejection. */
export function reject(subject: Ref, says: string): Rejection {
  return { kind: 'rejected', subject, says }
}
