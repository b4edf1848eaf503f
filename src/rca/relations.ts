import { awaitedJobOf } from '../incident/awaited-job.ts'
import type { Incident } from '../incident/incident.ts'
import { listAt, recordAt, stringsAt, textAt } from '../incident/kubernetes.ts'
import type { KubeObject } from '../incident/object.ts'
import { onceFor } from '../incident/once-for.ts'
import { keyOf, type Ref } from '../incident/reference.ts'
import { secretStoreOf } from '../incident/secret-store.ts'
import { matchesLabels } from '../incident/selector.ts'
import type { Workload } from '../incident/workload.ts'
import type { Relation } from './edges.ts'
import type { Fact } from './fact.ts'
import { findProviders } from './providers.ts'

/** Says whether two facts are related in a way; made once for an incident. */
export type Related = (cause: Fact, effect: Fact, by: Relation) => boolean

/** Prepares the relations of an incident. */
export function createRelations(incident: Incident): Related {
  const callees = findCallees(incident)
  const usedBy = onceFor((fact: Fact) => findUsed(incident, fact))
  const backing = onceFor(({ finding }: Fact) => findBacking(incident, finding.subject))
  const providing = onceFor(({ finding }: Fact) => findProviders(incident, finding.subject))

  const relations: Readonly<Record<Relation, (cause: Fact, effect: Fact) => boolean>> = {
    touches: (cause, effect) => intersect(cause.touches, effect.touches),
    suffers: (cause, effect) => intersect(cause.suffers, effect.touches),
    backs: (cause, effect) => intersect(cause.touches, backing(effect)),
    provides: (cause, effect) => providing(effect).has(keyOf(cause.finding.subject)),
    node: (cause, effect) => intersect(cause.nodes, effect.nodes),
    uses: (cause, effect) => usedBy(effect).has(keyOf(cause.finding.subject)),
    calls: (cause, effect) =>
      [...effect.touches].some((caller) => intersect(callees.get(caller) ?? NONE, cause.touches)),
    cluster: () => true,
  }
  return (cause, effect, by) => relations[by](cause, effect)
}

const NONE: ReadonlySet<string> = new Set()

/** Whether two sets have something in common. */
export function intersect(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a]
  for (const one of small) if (large.has(one)) return true
  return false
}

/** Of each workload whose calls fail, the Services it calls, with the workloads behind them, and the failed Job that it waits for. */
function findCallees(incident: Incident): ReadonlyMap<string, ReadonlySet<string>> {
  const behind = new Map(
    incident.services.map(({ object, pods }) => [keyOf(object.ref), pods.map(({ workload }) => keyOf(workload))]),
  )
  const callees = new Map<string, Set<string>>()
  for (const { from, to, failing } of incident.dependencies) {
    if (!failing) continue
    const known = callees.get(keyOf(from)) ?? new Set<string>()
    for (const key of [keyOf(to), ...(behind.get(keyOf(to)) ?? [])]) if (key !== keyOf(from)) known.add(key)
    callees.set(keyOf(from), known)
  }
  for (const pod of incident.pods) {
    const job = pod.phase === 'Pending' ? awaitedJobOf(incident, pod)?.job.ref : undefined
    if (!job) continue
    const known = callees.get(keyOf(pod.workload)) ?? new Set<string>()
    callees.set(keyOf(pod.workload), known.add(keyOf(job)).add(keyOf(incident.topOf(job))))
  }
  return callees
}

/** ConfigMaps, Secrets, claims and accounts that the pods of a fact name. */
function findUsed(incident: Incident, { finding, touches }: Fact): ReadonlySet<string> {
  const refs: readonly Ref[] = [finding.subject, ...(finding.affects ?? [])]
  const pods = refs.flatMap((ref) => incident.podOf(ref) ?? incident.workloadOf(ref)?.pods ?? [])
  const uses = pods.flatMap((pod) =>
    incident
      .usesOf(pod)
      .map(({ kind, name }) =>
        keyOf({ kind, ...(pod.ref.namespace === undefined ? {} : { namespace: pod.ref.namespace }), name }),
      ),
  )
  return new Set([...uses, ...touches])
}

/** An object with all that runs it: the workload of a pod, what is behind a Service, the Service of a webhook or an aggregated API. */
function findBacking(incident: Incident, subject: Ref): ReadonlySet<string> {
  const object = incident.find(subject.kind, subject.namespace, subject.name)
  const named = [
    recordAt(object?.json, 'spec', 'service'),
    ...listAt(object?.json, 'webhooks').map((webhook) => recordAt(webhook, 'clientConfig', 'service')),
  ].map((service): Ref => ({ kind: 'Service', namespace: textAt(service, 'namespace'), name: textAt(service, 'name') }))
  const keys = new Set([subject, incident.topOf(subject), ...named, ...storesBehind(incident, object)].map(keyOf))
  for (const { object: service, pods } of incident.services) {
    if (!keys.has(keyOf(service.ref))) continue
    for (const pod of pods) keys.add(keyOf(pod.workload))
    for (const workload of incident.workloads) if (isBehind(service, workload)) keys.add(keyOf(workload.ref))
  }
  return keys
}

/** The Services that a store of secrets is reached by, of an object that is filled from it. */
function storesBehind(incident: Incident, object: KubeObject | undefined): readonly Ref[] {
  const store = object && secretStoreOf(incident, object)
  if (!store) return []
  const words = JSON.stringify(store.json)
  return incident.services
    .map(({ object: { ref } }) => ref)
    .filter(
      (ref) =>
        words.includes(`//${ref.name}.${ref.namespace}.svc`) || words.includes(`//${ref.name}.${ref.namespace}:`),
    )
}

/** A workload without pods is behind a Service where its template has the labels. */
function isBehind({ ref, json }: KubeObject, { ref: owner, object }: Workload): boolean {
  const selector = stringsAt(json, 'spec', 'selector')
  const labels = stringsAt(object?.json, 'spec', 'template', 'metadata', 'labels')
  return owner.namespace === ref.namespace && Object.keys(selector).length > 0 && matchesLabels(selector, labels)
}
