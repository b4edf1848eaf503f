import { cite } from '../citation.ts'
import type { Dependency } from '../dependency.ts'
import type { Incident } from '../incident.ts'
import { type Json, listAt, recordAt } from '../kubernetes.ts'
import type { KubeObject } from '../object.ts'
import type { Pod } from '../pod.ts'
import { type Ref, uniqueRefs } from '../reference.ts'
import { matchesSelector } from '../selector.ts'

/** A rule that lets more workloads in than these says who may call, not who does. */
const MOST_PEERS = 5

/** Who may call whom by policies that name both by their labels: nobody writes such a rule for calls that never happen. */
export function* findPolicyPeers(incident: Incident): Generator<Dependency> {
  const byNamespace = Map.groupBy(incident.pods, ({ ref }) => ref.namespace ?? '')
  for (const policy of incident.objects('networkpolicies.networking.k8s.io')) {
    const selected = podsOf(byNamespace, incident, policy, recordAt(policy.json, 'spec', 'podSelector'), {})
    if (selected.length === 0) continue
    for (const [direction, side] of [
      ['ingress', 'from'],
      ['egress', 'to'],
    ] as const)
      for (const [index, rule] of listAt(policy.json, 'spec', direction).entries())
        for (const [place, peer] of listAt(rule, side).entries()) {
          const peers = podsOf(
            byNamespace,
            incident,
            policy,
            recordAt(peer, 'podSelector'),
            recordAt(peer, 'namespaceSelector'),
          )
          const [callers, called] = direction === 'ingress' ? [peers, selected] : [selected, peers]
          yield* pairs(incident, policy, callers, called, ['spec', direction, index, side, place, 'podSelector'])
        }
  }
}

function* pairs(
  incident: Incident,
  policy: KubeObject,
  callers: readonly Pod[],
  called: readonly Pod[],
  path: readonly (string | number)[],
): Generator<Dependency> {
  const from = uniqueRefs(callers.map(({ workload }) => workload))
  const to = uniqueRefs(called.flatMap(incident.servicesOf).map(({ object }) => object.ref))
  if (from.length > MOST_PEERS || to.length > MOST_PEERS) return
  for (const caller of from) for (const service of to) yield describe(policy, caller, service, path)
}

function describe(policy: KubeObject, from: Ref, to: Ref, path: readonly (string | number)[]): Dependency {
  return {
    from,
    to,
    by: 'network-policy',
    failing: false,
    first: undefined,
    says: `The policy ${policy.ref.name} lets ${from.name} call ${to.name}.`,
    cites: [cite(policy, path)],
  }
}

/** Pods by their labels; an empty selector names nobody in particular. */
function podsOf(
  byNamespace: ReadonlyMap<string, readonly Pod[]>,
  incident: Incident,
  policy: KubeObject,
  pods: Json,
  namespaces: Json,
): readonly Pod[] {
  if (Object.keys(pods).length === 0) return []
  const own = policy.ref.namespace ?? ''
  const meant = Object.keys(namespaces).length === 0 ? [own] : namespacesOf(incident, namespaces)
  return meant.flatMap((name) => (byNamespace.get(name) ?? []).filter(({ labels }) => matchesSelector(pods, labels)))
}

function namespacesOf(incident: Incident, selector: Json): readonly string[] {
  return incident
    .objects('namespaces')
    .filter(({ labels }) => matchesSelector(selector, labels))
    .map(({ ref }) => ref.name)
}
