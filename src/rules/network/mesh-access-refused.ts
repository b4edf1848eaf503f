import { atLeastOne, cite } from '../../incident/citation.ts'
import { callsTo } from '../../incident/endpoints.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, recordAt, textAt } from '../../incident/kubernetes.ts'
import { isMeshProxy } from '../../incident/mesh.ts'
import { serviceOfHost } from '../../incident/mesh-route.ts'
import type { KubeObject } from '../../incident/object.ts'
import type { Pod } from '../../incident/pod.ts'
import { describeRef, keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { matchesSelector } from '../../incident/selector.ts'
import { count, tellNames } from '../../incident/telling.ts'
import { writtenAt } from '../../incident/written-at.ts'
import { currentErrors, erringCallers, errorOnset, errsSince, harmedWith } from '../erring-callers.ts'
import { isLive } from '../live.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** Policies of the mesh that keep callers out: encryption that one end does not speak, or a policy that denies all. */
export const meshAccessRefused: Rule<'mesh-access-refused'> = {
  id: 'mesh-access-refused',
  title: 'A policy of the mesh refuses the calls of its services',
  domain: 'network',
  needs: ['pods', 'services'],
  helps: [
    'logs',
    'peerauthentications.security.istio.io',
    'authorizationpolicies.security.istio.io',
    'destinationrules.networking.istio.io',
  ],
  explains: ['errors', 'not-ready', 'crashing', 'no-endpoints', 'job-failing'],
  explain: {
    mechanism:
      'With mutual TLS set to STRICT a proxy takes no plain connection: callers without a proxy, and those whose DestinationRule switches TLS off, are cut off. An AuthorizationPolicy that denies, or allows nobody, answers every call with 403. The service behind is well in each case.',
    proof: [
      'A PeerAuthentication with STRICT covers the callee, and the caller has no proxy, or a DestinationRule for the callee says tls mode DISABLE; or a policy that selects the callee denies without a condition or allows without a rule.',
      'The calls of that caller fail, and began when the policy was written.',
    ],
    lookAlikes: [
      'mtls-cert-rotation: both ends speak TLS, and refuse the certificates.',
      'networkpolicy-blocks-traffic: packets are dropped, calls time out.',
    ],
    mitigate: [
      {
        says: 'Set the policy back: PERMISSIVE takes both; a policy that denies all is deleted.',
        command: 'kubectl edit {kind} {name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Roll STRICT out when no plain connection is left in the metrics, and test policies with the calls that are needed.',
    ],
    links: ['https://istio.io/latest/docs/concepts/security/'],
  },
  *evaluate(incident) {
    const refusals = [...plainCallers(incident), ...tlsOff(incident), ...deniedCallers(incident), ...deniedBy(incident)]
    for (const [, same] of Map.groupBy(refusals, ({ policy }) => keyOf(policy.ref))) {
      const refusal = join(same as [Refused, ...Refused[]])
      const since = writtenAt(refusal.policy)
      const callers = refusal.callers.filter((ref) => errsSince(incident, ref, since))
      if (callers.length === 0) yield reject(refusal.policy.ref, `${refusal.says}, and no caller began to fail since.`)
      else yield describe(incident, refusal, uniqueRefs(callers), since)
    }
  },
}

interface Refused {
  readonly policy: KubeObject
  readonly says: string
  readonly path: readonly (string | number)[]
  readonly callers: readonly Ref[]
}

/** Callers without a proxy of pods that take mutual TLS alone. */
function* plainCallers(incident: Incident): Generator<Refused> {
  for (const policy of strictPolicies(incident)) {
    const covered = incident.pods.filter((pod) => isMeshed(pod) && covers(policy, pod))
    const callers = directCallers(incident, covered).filter((ref) =>
      (incident.workloadOf(ref)?.pods ?? []).some((pod) => !isMeshed(pod)),
    )
    if (covered.length > 0 && callers.length > 0)
      yield {
        policy,
        says: `${describeRef(policy.ref)} takes mutual TLS alone, and ${tellNames(callers.map(({ name }) => name))} ${callers.length === 1 ? 'has' : 'have'} no proxy`,
        path: ['spec', 'mtls', 'mode'],
        callers,
      }
  }
}

/** Callers whose proxies are told to speak no TLS with pods that take nothing else. */
function* tlsOff(incident: Incident): Generator<Refused> {
  const strict = strictPolicies(incident)
  for (const rule of incident.objects('destinationrules.networking.istio.io')) {
    if (textAt(rule.json, 'spec', 'trafficPolicy', 'tls', 'mode') !== 'DISABLE') continue
    const service = serviceOfHost(incident, textAt(rule.json, 'spec', 'host'), rule.ref.namespace)
    const covered = (service?.pods ?? []).filter((pod) => isMeshed(pod) && strict.some((one) => covers(one, pod)))
    if (covered.length > 0)
      yield {
        policy: rule,
        says: `${describeRef(rule.ref)} switches TLS off for what takes mutual TLS alone`,
        path: ['spec', 'trafficPolicy', 'tls', 'mode'],
        callers: directCallers(incident, covered),
      }
  }
}

/** Callers of pods whose policy denies everybody: DENY with a rule that always fits, or ALLOW without any. */
function* deniedCallers(incident: Incident): Generator<Refused> {
  for (const policy of incident.objects('authorizationpolicies.security.istio.io')) {
    const rules = listAt(policy.json, 'spec', 'rules')
    const isDeny = textAt(policy.json, 'spec', 'action') === 'DENY'
    const isAllow = ['', 'ALLOW'].includes(textAt(policy.json, 'spec', 'action'))
    const deniesAll = isDeny
      ? rules.some((rule) => Object.keys(recordAt(rule)).length === 0)
      : isAllow && rules.length === 0
    if (!deniesAll || (isAllow && hasOtherAllow(incident, policy))) continue
    const covered = incident.pods.filter((pod) => isMeshed(pod) && covers(policy, pod))
    if (covered.length > 0)
      yield {
        policy,
        says: `${describeRef(policy.ref)} denies every call to ${tellNames([...new Set(covered.map(({ workload }) => workload.name))])}`,
        path: ['spec'],
        callers: directCallers(incident, covered),
      }
  }
}

/** What proxies log of requests that they denied, with the policy for which they did. */
function* deniedBy(incident: Incident): Generator<Refused> {
  const said = incident.said('mesh-access-denied').filter((one) => isLive(incident, one))
  for (const [, same] of Map.groupBy(said, ({ values }) => `${values.namespace}/${values.policy}`)) {
    const { namespace, policy: name = '' } = same[0]?.values ?? {}
    const policy = incident.find('AuthorizationPolicy', namespace, name)
    const workloads = uniqueRefs(same.map(({ about: { container: _, ...ref } }) => incident.topOf(ref)))
    if (policy)
      yield {
        policy,
        says: `${describeRef(policy.ref)} denies calls to ${tellNames(workloads.map((ref) => ref.name))}, as the proxies there say`,
        path: ['spec'],
        callers: workloads,
      }
  }
}

function join(same: readonly [Refused, ...Refused[]]): Refused {
  return { ...same[0], callers: uniqueRefs(same.flatMap(({ callers }) => callers)) }
}

/** A policy that allows nobody is a default, to which others add. */
function hasOtherAllow(incident: Incident, { ref }: KubeObject): boolean {
  return incident
    .objects('authorizationpolicies.security.istio.io')
    .some(
      (one) =>
        one.ref.namespace === ref.namespace &&
        one.ref.name !== ref.name &&
        textAt(one.json, 'spec', 'action') !== 'DENY',
    )
}

function strictPolicies(incident: Incident): readonly KubeObject[] {
  return incident
    .objects('peerauthentications.security.istio.io')
    .filter(({ json }) => textAt(json, 'spec', 'mtls', 'mode') === 'STRICT')
}

/** A policy in the root namespace of the mesh covers all of it, another one its namespace, or what it selects there. */
function covers({ json, ref }: KubeObject, pod: Pod): boolean {
  if (ref.namespace !== 'istio-system' && ref.namespace !== pod.ref.namespace) return false
  return matchesSelector(recordAt(json, 'spec', 'selector'), pod.labels)
}

function isMeshed({ containers }: Pod): boolean {
  return containers.some(isMeshProxy)
}

/** Who calls one of these pods and fails; not those above them, which no policy refuses. */
function directCallers(incident: Incident, callees: readonly Pod[]): readonly Ref[] {
  const callers = callsTo(incident, callees).map(({ from }) => from)
  return uniqueRefs(callers.filter((from) => currentErrors(incident, from).length > 0))
}

function describe(
  incident: Incident,
  { policy, says, path }: Refused,
  callers: readonly Ref[],
  since: number | undefined,
): Finding {
  const onset = errorOnset(incident, callers)
  const isSoon = since !== undefined && onset !== undefined && onset - since < SOON
  return {
    kind: 'cause',
    subject: policy.ref,
    strength: isSoon ? 'proof' : 'strong',
    from: since ?? onset,
    says: `${says}; the calls of ${count(callers.length, 'workload')} (${tellNames(callers.map(({ name }) => name))}) fail.`,
    cites: atLeastOne([cite(policy, path)]),
    affects: harmedWith(incident, uniqueRefs([...callers, ...erringCallers(incident, callers)])),
  }
}

/** What fails this soon after a policy was written fails for it. */
const SOON = 10 * 60 * 1000
