import type { Incident } from '../incident/incident.ts'
import type { RecentChange } from '../incident/recent-change.ts'
import { keyOf } from '../incident/reference.ts'
import type { Domain } from '../rules/rule.ts'
import { type Fact, WORTH_A_CAUSE } from './fact.ts'

/** A change this long before the first symptom can still have set it off; most do within minutes (judgement, failures.md §5.1). */
const LONGEST_LAG = 2 * 60 * 60 * 1000

/** What sets something off by being made; a workload or a Service that is new is what suffers. */
const POLICIES =
  /^(NetworkPolicy|ResourceQuota|LimitRange|PriorityClass|PodDisruptionBudget|HorizontalPodAutoscaler|(Validating|Mutating)(WebhookConfiguration|AdmissionPolicy))$/

/** Changes that are named for one cause. */
const MOST = 3

/** Domains whose causes a change anywhere in the cluster can set off. */
const WIDE: ReadonlySet<Domain> = new Set(['control-plane', 'dns', 'network', 'aws', 'autoscaling'])

/** The changes that may have set a cause off: about it, what it uses or where it runs, before the first symptom; nearest first. */
export function findTriggers(incident: Incident, fact: Fact, symptoms: readonly Fact[]): readonly RecentChange[] {
  const onset = onsetOf(fact, symptoms)
  if (onset === undefined) return []
  const used = usedBy(incident, fact)
  return incident.changes
    .filter(({ at }) => at <= onset + incident.clocks.tolerance && at >= onset - LONGEST_LAG)
    .filter(({ what, about }) => what !== 'created' || POLICIES.test(about.kind))
    .filter((change) => concerns(change, fact, used))
    .reverse()
    .slice(0, MOST)
}

/** When a cause was first seen: itself, or the first of its symptoms that count; what is logged and warned of is always there. */
export function onsetOf(fact: Fact, symptoms: readonly Fact[]): number | undefined {
  const heavy = symptoms.filter(({ weight }) => weight >= WORTH_A_CAUSE)
  const times = [fact, ...(heavy.length > 0 ? heavy : symptoms)]
    .map(({ finding }) => finding.from)
    .filter((at) => at !== undefined)
  return times.length === 0 ? undefined : Math.min(...times)
}

function concerns(
  { about, top, what }: RecentChange,
  { touches, nodes, rule, finding }: Fact,
  used: ReadonlySet<string>,
): boolean {
  const near = finding.depends ? new Set([finding.subject, ...finding.depends].map(keyOf)) : touches
  if (near.has(keyOf(about)) || near.has(keyOf(top)) || used.has(keyOf(about))) return true
  if (about.kind === 'Node') return nodes.has(about.name) || (rule.domain === 'scheduling' && what !== 'node-added')
  const isPolicy = /^(NetworkPolicy|ResourceQuota|LimitRange|Namespace|RoleBinding|Role)$/.test(about.kind)
  const namespace = about.kind === 'Namespace' ? about.name : about.namespace
  if (isPolicy) return namespace !== undefined && namespace === finding.subject.namespace
  const isClusterWide = about.namespace === undefined && !/^(Namespace|Node)$/.test(about.kind)
  return isClusterWide && WIDE.has(rule.domain)
}

function usedBy(incident: Incident, { finding }: Fact): ReadonlySet<string> {
  const refs = [finding.subject, ...(finding.depends ?? finding.affects ?? [])]
  const pods = refs.flatMap((ref) => incident.podOf(ref) ?? incident.workloadOf(ref)?.pods ?? [])
  return new Set(
    pods.flatMap((pod) =>
      incident.usesOf(pod).map(({ kind, name }) => keyOf({ kind, namespace: pod.ref.namespace ?? '', name })),
    ),
  )
}
