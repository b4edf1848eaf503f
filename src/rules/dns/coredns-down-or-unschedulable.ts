import { atLeastOne, type Citation, cite, citeName } from '../../incident/citation.ts'
import { type ClusterDns, clusterDns } from '../../incident/cluster-dns.ts'
import { conditionOf } from '../../incident/condition.ts'
import { hasNoReadyEndpoint, servingPods } from '../../incident/endpoints.ts'
import type { FailedLookup } from '../../incident/failed-lookup.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { count, earliest, latest } from '../../incident/telling.ts'
import { unreadySince } from '../../incident/unready-since.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import {
  citeLookups,
  clientsOf,
  countClients,
  dnsWorkload,
  lookupsInVain,
  lookupsOfServices,
  serverRefs,
} from './clients.ts'

/** No name server of the cluster is ready. */
export const corednsDownOrUnschedulable: Rule<'coredns-down-or-unschedulable'> = {
  id: 'coredns-down-or-unschedulable',
  title: 'No name server of the cluster runs',
  domain: 'dns',
  seeds: ['KIA 2.2'],
  needs: ['pods', 'services'],
  helps: ['endpointslices.discovery.k8s.io', 'deployments.apps', 'logs', 'events'],
  explains: [
    'errors',
    'crashing',
    'not-ready',
    'not-starting',
    'no-endpoints',
    'slow',
    'job-failing',
    'unscheduled',
    'rollout-stalled',
  ],
  explain: {
    mechanism:
      'Pods ask the address of the DNS Service for every name. When none of its pods is ready, because they were scaled away, crash, or find no node, nobody answers there: each lookup runs into its timeout, whatever the name. Programs that are connected already go on until they connect again.',
    proof: [
      'The EndpointSlices of the DNS Service (kube-dns in kube-system) have no ready address, or its Deployment wants no pods.',
      'Lookups of many different names fail with timeouts, EAI_AGAIN or "Temporary failure in name resolution". Without any, name servers that nobody wants may be meant so: nodes and clouds have resolvers of their own.',
    ],
    lookAlikes: [
      'coredns-overloaded: name servers are ready, and too slow.',
      'networkpolicy-blocks-traffic: name servers are ready, and only some namespaces cannot reach them.',
      'dns-name-not-found: one name fails, at once, because it does not exist.',
      'coredns-upstream-timeout: only names outside of the cluster fail.',
      'A cluster whose pods ask Cloud DNS or a resolver on each node: CoreDNS is scaled to 0, and every name resolves.',
    ],
    mitigate: [
      {
        says: 'See why they do not run.',
        command: 'kubectl describe pods -n kube-system -l k8s-app=kube-dns',
        changes: false,
      },
      {
        says: 'Have two of them run before anything else is repaired.',
        command: 'kubectl scale deployment/coredns -n kube-system --replicas=2',
        changes: true,
      },
    ],
    fix: [
      'Run at least two on different nodes, with priorityClassName system-cluster-critical, tolerations and a PodDisruptionBudget.',
    ],
    links: ['https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/'],
  },
  *evaluate(incident) {
    const dns = clusterDns(incident)
    if (dns.services.length === 0 && dns.workloads.length === 0) return
    const state = stateOf(incident, dns)
    if (state === 'no-service' && lookupsInVain(incident).length === 0)
      yield reject(dnsWorkload(incident), 'No Service of the cluster is known for its DNS, and no lookup fails.')
    else if (state !== 'up') yield describe(incident, dns, state)
    else if (lookupsInVain(incident).length > 0)
      yield reject(dnsWorkload(incident), 'Lookups fail, but the name servers are ready.')
  },
}

/** no-service: nobody listens at the address. none: nothing runs them. scaled: nobody wants pods. not-ready: pods are wanted and not ready. */
type State = 'up' | 'no-service' | 'none' | 'scaled' | 'not-ready'

const STATES: Readonly<Record<Exclude<State, 'up'>, string>> = {
  'no-service': 'the DNS Service of the cluster does not exist',
  none: 'nothing runs the name servers that its DNS Service selects',
  scaled: 'the name servers are scaled to 0',
  'not-ready': 'no pod of the name servers is ready',
}

function stateOf({ coverage }: Incident, { services, workloads, pods }: ClusterDns): State {
  if (services.length === 0) return coverage.isComplete('services', 'kube-system') ? 'no-service' : 'up'
  const selecting = services.filter(({ selector }) => Object.keys(selector).length > 0)
  if (selecting.length === 0 || !selecting.every(hasNoReadyEndpoint)) return 'up'
  if (!coverage.isComplete('pods', 'kube-system')) return 'up'
  if (workloads.some(({ desired = 0 }) => desired > 0) || selecting.some((one) => servingPods(one).length > 0))
    return 'not-ready'
  if (workloads.length > 0) return 'scaled'
  return pods.length === 0 && coverage.isComplete('deployments.apps', 'kube-system') ? 'none' : 'not-ready'
}

/** Pods that are wanted and not ready have a reason of their own, and another rule tells it. */
function describe(incident: Incident, dns: ClusterDns, state: Exclude<State, 'up'>): Finding {
  const lookups = lookupsInVain(incident)
  const clients = countClients(lookups)
  return {
    kind: kindOf(incident, state, lookups),
    subject: subjectOf(incident, dns, state),
    strength: strengthOf(incident, dns, state, lookups),
    from: onsetOf(incident, dns),
    notBefore: state === 'scaled' ? latest(scalesOf(incident, dns)) : undefined,
    says: `${clients > 0 ? 'No name resolves in the cluster' : 'Nobody answers for the DNS of the cluster'}: ${STATES[state]}${state === 'not-ready' ? ` (${tellPods(dns.pods)})` : ''}.${clients > 0 ? ` ${count(clients, 'workload')} log failing lookups.` : ''}`,
    cites: atLeastOne([...citeState(dns, state), ...citeLookups(lookups)].slice(0, 5)),
    affects: uniqueRefs([...serverRefs(incident), ...clientsOf(incident, lookups)]),
    ...(clients > 0
      ? {}
      : { missing: ['A lookup that fails: a resolver on each node or of the cloud may answer instead.'] }),
    depends: serverRefs(incident),
  }
}

/** Servers that nobody wants are a fault where lookups fail, and may be one where no log could tell. */
function kindOf({ coverage }: Incident, state: State, lookups: readonly FailedLookup[]): Finding['kind'] {
  if (state === 'not-ready') return 'mechanism'
  return lookups.length > 0 || coverage.of('logs').how === 'none' ? 'cause' : 'risk'
}

/** A lookup now and then fails everywhere: it proves something if it was sent to these servers, or asked for what only they know. */
function strengthOf(
  incident: Incident,
  { addresses }: ClusterDns,
  state: State,
  lookups: readonly FailedLookup[],
): Finding['strength'] {
  if (lookups.length === 0) return state === 'not-ready' ? 'strong' : 'weak'
  const isProof = lookups.some(({ server }) => addresses.has(server)) || lookupsOfServices(incident).length > 0
  return isProof || countClients(lookups) > 1 ? 'proof' : 'strong'
}

function subjectOf(incident: Incident, { services }: ClusterDns, state: State): Ref {
  if (state === 'no-service') return { kind: 'Service', namespace: 'kube-system', name: 'kube-dns' }
  return state === 'none' ? (services[0]?.object.ref ?? dnsWorkload(incident)) : dnsWorkload(incident)
}

/** By the servers alone: a client in a crash loop has kept only its last lines. */
function onsetOf(incident: Incident, dns: ClusterDns): number | undefined {
  const { pods, workloads } = dns
  const unavailable = workloads.map(({ conditions }) => conditionOf(conditions, 'Available'))
  return earliest([
    ...pods.map(unreadySince),
    ...scalesOf(incident, dns),
    ...unavailable.map((one) => (one?.status === 'False' ? one.since : undefined)),
  ])
}

/** When people or programs scaled the name servers. */
function scalesOf({ changes }: Incident, { workloads }: ClusterDns): readonly number[] {
  const refs = new Set(workloads.map(({ ref }) => keyOf(ref)))
  return changes.filter(({ what, about }) => what === 'scale' && refs.has(keyOf(about))).map(({ at }) => at)
}

function tellPods(pods: readonly Pod[]): string {
  const pending = pods.filter(({ phase }) => phase === 'Pending').length
  return pods.length === 0
    ? 'there is none'
    : `${count(pods.length, 'pod')}${pending > 0 ? `, ${pending} Pending` : ''}`
}

function citeState({ services, workloads, pods }: ClusterDns, state: State): readonly Citation[] {
  const [workload] = workloads
  if (state === 'scaled' && workload?.object) return [cite(workload.object, ['spec', 'replicas'])]
  const unready = pods.flatMap((pod) => {
    const ready = conditionOf(pod.conditions, 'Ready')
    return ready ? [cite(pod, [...ready.path, 'status'])] : [citeName(pod)]
  })
  const endpoints = services
    .flatMap((one) => one.endpoints)
    .map(({ slice, path }) => cite(slice, [...path, 'conditions']))
  const names = [...services.map(({ object }) => object), ...workloads.flatMap(({ object }) => object ?? [])].map(
    citeName,
  )
  return [...endpoints.slice(0, 1), ...unready.slice(0, 2), ...(unready.length === 0 ? names.slice(0, 1) : [])]
}
