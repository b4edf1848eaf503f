import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { KubeObject } from '../../incident/object.ts'
import { describeRef, keyOf, uniqueRefs } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { earliest } from '../../incident/telling.ts'
import { writtenAt } from '../../incident/written-at.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { networkAgents } from './agents.ts'
import { type BlockedCall, blockOf } from './blocked-calls.ts'
import { isStuck } from './network-sufferers.ts'
import { findPluginPolicies } from './plugin-policies.ts'
import { selectedLabels } from './policy-verdict.ts'

/** Calls that fail, and that no rule of the policies of either end lets through. */
export const networkpolicyBlocksTraffic: Rule<'networkpolicy-blocks-traffic'> = {
  id: 'networkpolicy-blocks-traffic',
  title: 'A NetworkPolicy keeps pods from what they call',
  domain: 'network',
  seeds: ['KIA 3.6'],
  needs: ['networkpolicies.networking.k8s.io', 'pods'],
  helps: ['logs', 'services', 'namespaces', 'pod-network', 'ciliumnetworkpolicies.cilium.io'],
  explains: [
    'errors',
    'slow',
    'not-ready',
    'crashing',
    'no-endpoints',
    'rollout-stalled',
    'job-failing',
    'control-plane-failing',
  ],
  explain: {
    mechanism:
      'As soon as one policy selects a pod for a direction, everything in that direction is dropped unless some policy allows it. A policy that denies egress without allowing port 53 to the cluster DNS takes away all names; one that denies ingress, or whose labels no longer match, takes away the callers. Dropped packets look like timeouts.',
    proof: [
      'The policies that select the caller (egress) or the target (ingress) are evaluated against the labels, namespaces and ports: no rule fits the call that the log says fails.',
      'Policies of Cilium, Calico and administrators are not evaluated: one of these that was written just before calls to a callee that is well began to time out fits, and proves nothing.',
      'By hand: kubectl describe networkpolicy in both namespaces, and compare the selectors with the labels of pods and namespaces.',
    ],
    lookAlikes: [
      'service-has-no-ready-endpoints: nothing is behind the Service; refused rather than dropped.',
      'coredns-down-or-unschedulable: names fail in every namespace, not only where a policy selects.',
      'security-group-or-nacl-block: pods without any policy time out as well.',
    ],
    mitigate: [
      {
        says: 'Add a rule that allows the call; for names allow UDP and TCP 53 to the pods of the cluster DNS.',
        command: 'kubectl edit networkpolicy {name} -n {namespace}',
        changes: true,
      },
      {
        says: 'Or remove the newest policy until it is mended: connections work again within seconds.',
        command: 'kubectl delete networkpolicy {name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Test policies against the calls that workloads need, and roll them out with DNS allowed in every namespace.',
    ],
    links: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
  },
  *evaluate(incident) {
    const [first] = incident.objects('networkpolicies.networking.k8s.io')
    if (first && !isEnforced(incident))
      return yield reject(first.ref, 'The network plugin of this cluster (flannel) does not enforce policies.')
    const blocked = first ? suspectsOf(incident).flatMap((one) => blockOf(incident, one) ?? []) : []
    for (const [, calls] of Map.groupBy(blocked, (call) => keyOf(newestOf(call).ref))) yield* tell(incident, calls)
    const told = new Set(blocked.map(({ dependency }) => dependency))
    yield* findPluginPolicies(
      incident,
      incident.dependencies.filter((one) => !told.has(one)),
    )
  },
}

/** Calls that fail by the log; of pods that fail without saying why, what their settings name. */
function suspectsOf(incident: Incident) {
  const failing = incident.dependencies.filter((one) => one.failing)
  const callers = new Set(failing.map(({ from }) => keyOf(from)))
  const silent = incident.dependencies.filter(
    ({ by, from }) =>
      (by === 'env' || by === 'argument') &&
      !callers.has(keyOf(from)) &&
      incident.workloadOf(from)?.pods.some((pod) => isStuck(incident, pod)),
  )
  return [...failing, ...silent]
}

/** Flannel alone sets no policies; it does with calico beside it (canal), and k3s has a controller of its own within it. */
function isEnforced(incident: Incident): boolean {
  const names = networkAgents(incident).map(({ ref }) => ref.name)
  return names.length === 0 || names.some((name) => !name.startsWith('kube-flannel'))
}

function* tell(incident: Incident, calls: readonly BlockedCall[]): Generator<Finding | Rejection> {
  const [call] = calls as readonly [BlockedCall]
  const policy = newestOf(call)
  const changed = writtenAt(policy)
  const onset = earliest(calls.map(({ dependency }) => dependency.first))
  const isLater = changed !== undefined && onset !== undefined && changed > onset + incident.clocks.tolerance
  const last = Math.max(...calls.map(({ dependency }) => dependency.last ?? 0))
  if (isLater && last < changed)
    yield reject(
      policy.ref,
      `It was written after the last of these calls failed (${new Date(changed).toISOString()}).`,
    )
  else yield describe(incident, policy, calls, onset, isLater)
}

function describe(
  incident: Incident,
  policy: KubeObject,
  calls: readonly BlockedCall[],
  onset: number | undefined,
  isLater: boolean,
): Finding {
  const [{ dependency, direction, what }] = calls as readonly [BlockedCall]
  const isLogged = calls.some((one) => one.dependency.failing)
  const target = what === 'names' ? 'the cluster DNS (port 53)' : describeRef(dependency.to)
  const others = othersThatFail(incident, calls)
  const verb = direction === 'egress' ? 'may not send to' : 'is not let in by'
  const callers = uniqueRefs(calls.map((one) => one.dependency.from))
  return {
    kind: 'cause',
    subject: policy.ref,
    strength: !isLogged || isLater ? 'weak' : others ? 'strong' : 'proof',
    from: onset ?? writtenAt(policy),
    notBefore: earliest(calls.flatMap(({ policies }) => policies.map(({ created }) => created))),
    says: `${describeRef(dependency.from)}${callers.length > 1 ? ` and ${callers.length - 1} more` : ''} ${verb} ${target}: ${describeRef(policy.ref)} selects ${selectedLabels(policy)}, and no policy allows it${isLogged ? '; its calls fail' : ''}.`,
    cites: atLeastOne([cite(policy, ['spec']), ...calls.slice(0, 2).map((one) => one.dependency.cites[0])]),
    against: againstOf(others, isLater, calls),
    affects: uniqueRefs([
      ...calls.flatMap((one) => sufferersOf(incident, one.callers)),
      ...calls.filter((one) => one.direction === 'ingress').map((one) => one.dependency.to),
    ]),
    ...(isLogged ? {} : { missing: ['the logs of the callers: they would show timeouts to the target'] }),
  }
}

function againstOf(
  others: ReturnType<typeof othersThatFail>,
  isLater: boolean,
  calls: readonly BlockedCall[],
): NonNullable<Finding['against']> {
  const earlier = isLater ? calls[0]?.dependency : undefined
  return [
    ...(others
      ? [
          {
            says: `${describeRef(others.from)}, which no policy keeps from it, fails with the same target.`,
            cites: others.cites,
          },
        ]
      : []),
    ...(earlier ? [{ says: 'Calls failed before the policy was written, too.', cites: earlier.cites }] : []),
  ]
}

/** Somebody whom no policy stops, and whose calls to the same target fail: then the target may be at fault. */
function othersThatFail(incident: Incident, calls: readonly BlockedCall[]) {
  const blocked = new Set(calls.map(({ dependency }) => keyOf(dependency.from)))
  const targets = new Set(calls.map(({ dependency }) => keyOf(dependency.to)))
  return incident.dependencies.find(
    (one) => one.failing && targets.has(keyOf(one.to)) && !blocked.has(keyOf(one.from)) && !blockOf(incident, one),
  )
}

/** Of several policies that leave a call out, the one that was written last is what changed. */
function newestOf({ policies }: BlockedCall): KubeObject {
  const sorted = [...policies].sort((a, b) => (writtenAt(b) ?? 0) - (writtenAt(a) ?? 0))
  return sorted[0] as KubeObject
}
