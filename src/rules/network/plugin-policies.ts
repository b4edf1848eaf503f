import { cite } from '../../incident/citation.ts'
import type { Dependency } from '../../incident/dependency.ts'
import { serviceOf, servingPods } from '../../incident/endpoints.ts'
import type { Incident } from '../../incident/incident.ts'
import { recordAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import { isHealthy, type Pod } from '../../incident/pod.ts'
import { describeRef, uniqueRefs } from '../../incident/reference.ts'
import { matchesSelector } from '../../incident/selector.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { writtenAt } from '../../incident/written-at.ts'
import type { Finding } from '../rule.ts'

/** Policies of plugins, and those of administrators: who may call whom is theirs to say, in languages of their own that are not read here. */
const KINDS = [
  'ciliumnetworkpolicies.cilium.io',
  'ciliumclusterwidenetworkpolicies.cilium.io',
  'networkpolicies.crd.projectcalico.org',
  'globalnetworkpolicies.crd.projectcalico.org',
  'networkpolicies.projectcalico.org',
  'globalnetworkpolicies.projectcalico.org',
  'adminnetworkpolicies.policy.networking.k8s.io',
  'baselineadminnetworkpolicies.policy.networking.k8s.io',
]

/** Calls fail within seconds of a policy; connections that are open already live on for minutes. */
const SOON = 15 * 60 * 1000

/** Calls to a callee that is well, which began to time out just after such a policy was written that may be meant for one of both ends. */
export function* findPluginPolicies(incident: Incident, calls: readonly Dependency[]): Generator<Finding> {
  const policies = KINDS.flatMap(incident.objects)
  if (policies.length === 0) return
  for (const policy of policies) {
    const changed = writtenAt(policy, 'spec', 'specs')
    if (changed === undefined) continue
    const meant = calls.filter((call) => isAfter(incident, call, changed) && mayBeMeant(incident, policy, call))
    const [first] = meant
    if (first) yield describe(incident, policy, changed, [first, ...meant.slice(1)])
  }
}

/** Calls whose first failure is known, and not from before. */
function isAfter({ clocks }: Incident, { failing, first, classes = [] }: Dependency, changed: number): boolean {
  if (!failing || first === undefined || !classes.includes('timeout')) return false
  return first >= changed - clocks.tolerance && first - changed < SOON
}

function mayBeMeant(incident: Incident, policy: KubeObject, { from, to }: Dependency): boolean {
  const service = serviceOf(incident, to)
  const callees = service ? servingPods(service) : []
  if (callees.length === 0 || !callees.every(isHealthy)) return false
  const callers = incident.workloadOf(from)?.pods ?? []
  return [...callers, ...callees].some((pod) => selects(policy, pod))
}

/** Cilium selects by labels as Kubernetes does; the expressions of others are taken for all of their namespace. */
function selects({ ref, json }: KubeObject, pod: Pod): boolean {
  if (ref.namespace !== undefined && ref.namespace !== pod.ref.namespace) return false
  const selector = recordAt(json, 'spec', 'endpointSelector')
  return Object.keys(selector).length === 0 || matchesSelector(selector, pod.labels)
}

/** Whether the log of the caller reaches back before the policy, so that its calls are known to have gone through then. */
function wasWell(incident: Incident, { from }: Dependency, changed: number): boolean {
  const logs = (incident.workloadOf(from)?.pods ?? []).flatMap(({ ref }) => incident.logsOf(ref))
  return logs.some(({ summary }) => summary.first !== undefined && summary.first < changed - incident.clocks.tolerance)
}

function describe(
  incident: Incident,
  policy: KubeObject,
  changed: number,
  calls: readonly [Dependency, ...Dependency[]],
): Finding {
  const [{ from, to, cites }] = calls
  return {
    kind: 'cause',
    subject: policy.ref,
    strength: calls.some((call) => wasWell(incident, call, changed)) ? 'strong' : 'weak',
    from: changed,
    says: `${describeRef(policy.ref)} was written at ${new Date(changed).toISOString().slice(11, 19)}, and since then calls of ${describeRef(from)} to ${describeRef(to)}, whose pods are ready, run into timeouts.`,
    cites: [cite(policy, ['spec']), cites[0]],
    missing: [
      'What the agent of the network plugin drops (hubble observe --verdict DROPPED, calico logs): the rules of this policy are not read.',
    ],
    affects: uniqueRefs([
      ...calls.flatMap((call) => sufferersOf(incident, incident.workloadOf(call.from)?.pods ?? [])),
      ...calls.map((call) => call.to),
    ]),
  }
}
