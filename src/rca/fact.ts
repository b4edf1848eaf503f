import type { Incident } from '../incident/incident.ts'
import { isFailing } from '../incident/pod.ts'
import { keyOf, type Ref } from '../incident/reference.ts'
import type { Outcome } from '../rules/evaluate.ts'
import type { Finding, Rule, SymptomClass } from '../rules/rule.ts'

/** A finding with the rule that made it and all that it touches: a point of the causal graph. */
export interface Fact {
  /** Its place in the order of rules and onsets: the last tie-break. */
  readonly index: number
  readonly rule: Rule
  readonly finding: Finding
  /** Keys of the objects that it is about: its subject, what suffers from it, and the workloads of these pods. */
  readonly touches: ReadonlySet<string>
  /** The same without its subject: what suffers from it. */
  readonly suffers: ReadonlySet<string>
  /** Names of the nodes that it is about, or that its pods run on. */
  readonly nodes: ReadonlySet<string>
  /** What a symptom weighs, 1 to 10; 0 for everything else. */
  readonly weight: number
}

/**
 * How bad a symptom is, 1 to 10: what users feel first (judgement; KIA §1 asks for the blast radius before all). Warnings and logged errors
 * weigh little, because healthy clusters have them too.
 */
const WEIGHTS: Readonly<Record<SymptomClass, number>> = {
  'no-endpoints': 10,
  'node-unhealthy': 9,
  'control-plane-failing': 9,
  crashing: 8,
  'not-starting': 8,
  'not-ready': 8,
  'not-created': 8,
  unscheduled: 8,
  'volume-failing': 6,
  evicted: 6,
  'job-failing': 5,
  'rollout-stalled': 4,
  'stuck-terminating': 4,
  slow: 4,
  'not-scaling': 3,
  'unhealthy-condition': 3,
  errors: 2,
  warnings: 1,
}

/** What weighs less than this is no incident by itself. */
export const WORTH_A_CAUSE = 3

/** Makes the points of the graph, in a fixed order. */
export function factsOf(incident: Incident, outcomes: readonly Outcome[]): readonly Fact[] {
  return outcomes
    .flatMap(({ rule, findings }) => findings.map((finding) => ({ rule, finding })))
    .map(({ rule, finding }, index) => ({
      index,
      rule,
      finding,
      ...reachOf(incident, finding),
      weight: finding.symptom === undefined ? 0 : weigh(incident, finding, WEIGHTS[finding.symptom]),
    }))
}

function reachOf(
  incident: Incident,
  { subject, affects = [], symptom }: Finding,
): Pick<Fact, 'touches' | 'suffers' | 'nodes'> {
  const touches = new Set<string>()
  const nodes = new Set<string>()
  const suffers = new Set(affects.flatMap((ref) => keysOf(incident, ref)))
  for (const ref of [subject, ...affects]) {
    for (const key of keysOf(incident, ref)) touches.add(key)
    // A warning about a node is about the node; a node that is ill is about its pods too.
    if (ref.kind === 'Node' && symptom !== 'warnings') addNode(incident, ref, nodes, touches)
    const pod = ref.kind === 'Pod' ? incident.podOf(ref) : undefined
    if (pod && pod.node !== '') nodes.add(pod.node)
  }
  for (const pod of incident.workloadOf(subject)?.pods ?? []) {
    if (isFailing(pod) && pod.node !== '') nodes.add(pod.node)
  }
  return { touches, suffers, nodes }
}

/** An object, and the workload that it belongs to. */
function keysOf(incident: Incident, ref: Ref): readonly string[] {
  const isOwned = ref.kind === 'Pod' || ref.kind === 'ReplicaSet' || ref.kind === 'Job'
  return isOwned ? [keyOf(ref), keyOf(incident.topOf(ref))] : [keyOf(ref)]
}

function addNode(incident: Incident, { name }: Ref, nodes: Set<string>, touches: Set<string>): void {
  nodes.add(name)
  for (const pod of incident.podsOn(name)) {
    if (!isFailing(pod) && pod.deleted === undefined) continue
    touches.add(keyOf(pod.ref))
    touches.add(keyOf(pod.workload))
  }
}

/** A symptom weighs in full where all of it fails, half where the rest goes on, and little where it is over. */
function weigh(incident: Incident, { subject, strength }: Finding, base: number): number {
  if (strength === 'weak') return Math.min(base, WORTH_A_CAUSE - 1)
  const pods = incident
    .workloadOf(subject)
    ?.pods.filter(({ phase, deleted }) => phase !== 'Succeeded' && deleted === undefined)
  if (!pods || pods.length === 0) return base
  const share = pods.filter(isFailing).length / pods.length
  return Math.max(1, Math.round(base * (0.5 + 0.5 * share)))
}
