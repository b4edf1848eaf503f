import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import { type Spread, spreadOf } from '../../incident/connections/spread.ts'
import type { Terminated } from '../../incident/container.ts'
import type { Dependency } from '../../incident/dependency.ts'
import { classesOfCalls, countFailedCalls, isStillFailing } from '../../incident/failed-call.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, uniqueRefs } from '../../incident/reference.ts'
import type { Service } from '../../incident/service.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, tellNames } from '../../incident/telling.ts'
import { usageOfContainer } from '../../incident/usage.ts'
import { MANY_LINES } from '../outbreak.ts'
import { type Claim, type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { hasRestarted } from '../suffering.ts'
import { isStuck } from './network-sufferers.ts'

/** Names by which ports of long-lived, multiplexed connections are called. */
const MULTIPLEXED = /grpc|http2|h2c/i

/** With two pods half the connections on one is chance. */
const FEWEST_PODS = 3

/** A pod that restarts once had an accident; one that is overloaded restarts again and again. */
const FEWEST_RESTARTS = 3

/** How much more than the median the busiest pod uses, and how much of its limit or request (failures.md §2.E, http2-connection-pinning). */
const SKEW = 5
const FULL = 0.7

/** Who uses this much of its limit is throttled: an average hides the moments at the limit. */
const AT_LIMIT = 0.9

/** Below this, in cores, a pod idles: multiples of it mean nothing. */
const LEAST_CORES = 0.02

/** Who has this much of all open connections has them to itself, and who has no more than so many times an equal share is no exception (judgement). */
const PINNED = 0.8
const EQUAL = 1.5

/** Restarts this long ago are over. */
const RECENT_MS = 3600_000

/** Few clients hold their connections to one pod of a Service, and its siblings stay idle. */
export const http2ConnectionPinning: Rule<'http2-connection-pinning'> = {
  id: 'http2-connection-pinning',
  title: 'Long-lived connections stay with one pod of a Service',
  domain: 'network',
  seeds: ['HN 1'],
  needs: ['pods', 'services'],
  helps: ['pods.metrics.k8s.io', 'cadvisor', 'kubelet-stats', 'conntrack'],
  explains: ['crashing', 'slow', 'not-ready', 'not-scaling', 'errors'],
  explain: {
    mechanism:
      'A ClusterIP chooses a pod once for each connection, not for each request. A client with HTTP/2 or gRPC sends everything over one connection for hours, so that one pod works and the others idle. Scaling out changes nothing: new pods get no connections. When the hot pod dies, the load moves to the next as a whole.',
    proof: [
      'Of the pods of one Service one uses at least five times the processor of the median, and nearly all open connections to the Service are its own (conntrack -L on the nodes of clients and pods, state ESTABLISHED).',
      'Fewer clients than pods, and a port that is called grpc or http2.',
      'Calls of its clients time out while most of its pods have nothing to do.',
    ],
    lookAlikes: [
      'container-oomkilled: all pods of the workload run out of memory, not the busiest one.',
      'A leader among equals, or a consumer of a hot partition, is busier by design; so is what sessionAffinity chooses.',
    ],
    mitigate: [
      {
        says: 'Restart the clients, so that they connect anew.',
        command: 'kubectl -n {namespace} rollout restart deployment/CLIENT',
        changes: true,
      },
      { says: 'Let the server end connections after some minutes (MAX_CONNECTION_AGE of gRPC).', changes: true },
    ],
    fix: [
      'Balance requests, not connections: a mesh or ingress that speaks HTTP/2, or a headless Service with balancing in the client.',
    ],
    links: ['https://kubernetes.io/blog/2018/11/07/grpc-load-balancing-on-kubernetes-without-tears/'],
  },
  *evaluate(incident) {
    for (const service of incident.services.filter(isBalanced)) {
      const busiest = busiestOf(incident, service)
      const hot = busiest ?? (isMultiplexed(service) ? restartingOf(incident, service) : undefined)
      if (!hot) continue
      const pinning = pinningOf(incident, service, hot)
      if (isMultiplexed(service) || pinning.how === 'pinned') yield tell(incident, service, hot, pinning)
    }
  },
}

/** The pod that carries the load of a Service, by what it uses or by how it ends. */
interface Hot {
  readonly pod: Pod
  readonly says: string
  readonly strength: Finding['strength']
  readonly from: number | undefined
  readonly suffers: boolean
  readonly cites: readonly Citation[]
}

/** Whether an address of its own stands for several pods. */
function isBalanced({ object, pods }: Service): boolean {
  return pods.length >= FEWEST_PODS && textAt(object.json, 'spec', 'clusterIP') !== 'None'
}

function isMultiplexed({ ports }: Service): boolean {
  return ports.some(({ name, appProtocol }) => MULTIPLEXED.test(name) || MULTIPLEXED.test(appProtocol))
}

/** Whether the busiest pod has the connections to itself, as far as nodes were asked. */
interface Pinning {
  /** part: of those that are known, and there may be others. */
  readonly how: 'pinned' | 'part' | 'equal' | 'unknown'
  readonly says: string
  readonly cites: readonly Citation[]
}

const UNKNOWN: Pinning = { how: 'unknown', says: '', cites: [] }

function pinningOf(incident: Incident, service: Service, { pod }: Hot): Pinning {
  const spread = spreadOf(incident, service)
  if (!spread) return UNKNOWN
  const { open, cites } = spread.of(pod)
  const share = open / spread.total
  const says = `${open} of ${count(spread.total, 'open connection')} to ${service.object.ref.name} ${open === 1 ? 'is' : 'are'} to ${pod.ref.name}`
  if (share >= PINNED) return { how: spread.isWhole ? 'pinned' : 'part', says, cites: cites.slice(0, 2) }
  const isEqual = spread.isWhole && spread.total >= service.pods.length && share <= EQUAL / service.pods.length
  return isEqual ? { how: 'equal', says, cites: citesOfOthers(service, spread) } : UNKNOWN
}

/** Those of the others say that they have as many. */
function citesOfOthers({ pods }: Service, spread: Spread): readonly Citation[] {
  return pods.flatMap((pod) => spread.of(pod).cites.slice(0, 1)).slice(0, 3)
}

/** The one pod that uses many times the processor of its siblings, and nearly all that it asked for. */
function busiestOf(incident: Incident, { pods }: Service): Hot | undefined {
  const measured = pods.flatMap((pod) => measure(incident, pod) ?? []).sort((a, b) => b.cpu - a.cpu)
  const [hot, next] = measured
  const median = measured[Math.floor(measured.length / 2)]?.cpu ?? 0
  if (!hot || !next || measured.length < FEWEST_PODS) return undefined
  if (hot.cpu < SKEW * Math.max(median, LEAST_CORES) || hot.cpu < FULL * hot.wanted || next.cpu > hot.cpu / 2)
    return undefined
  return {
    pod: hot.pod,
    says: `${hot.pod.ref.name} uses ${hot.cpu.toFixed(2)} cores, and the median pod ${median.toFixed(2)}`,
    strength: 'strong',
    from: undefined,
    suffers: hot.isThrottled || isStuck(incident, hot.pod) || hasRestarted(incident, hot.pod),
    cites: [hot.citation, next.citation],
  }
}

function measure(incident: Incident, pod: Pod) {
  const main = pod.containers.filter(({ role }) => role === 'main')
  const usages = main.flatMap(({ name }) => usageOfContainer(incident, pod.ref, name) ?? [])
  const [usage] = usages
  const wanted = main.reduce((sum, { limits, requests }) => sum + (limits.cpu ?? requests.cpu ?? 0), 0)
  const cpu = usages.reduce((sum, one) => sum + (one.cpu ?? 0), 0)
  const limit = main.reduce((sum, { limits }) => sum + (limits.cpu ?? Infinity), 0)
  return usage && pod.ready
    ? { pod, cpu, wanted, isThrottled: cpu >= AT_LIMIT * limit, citation: usage.citation }
    : undefined
}

/** The one pod that is killed again and again, as by load, while siblings of the same template never restarted. */
function restartingOf(incident: Incident, { pods }: Service): Hot | undefined {
  const restarted = pods.filter((pod) => pod.containers.some(({ restarts }) => restarts > 0))
  const [pod] = restarted
  const container = pod?.containers.find(
    ({ restarts, last }) =>
      restarts >= FEWEST_RESTARTS && isKilled(last) && (last?.finished ?? 0) >= incident.now - RECENT_MS,
  )
  const isOne = restarted.length === 1 && pods.every(({ templateHash }) => templateHash === pod?.templateHash)
  if (!pod || !container || !isOne) return undefined
  return {
    pod,
    says: `only ${pod.ref.name} is killed (${container.restarts} times)`,
    strength: 'weak',
    from: container.last?.started ?? container.last?.finished,
    suffers: true,
    cites: [cite(pod, [...(container.statusPath ?? ['status']), 'restartCount'])],
  }
}

/** Load ends a container by its memory limit or by a probe that it does not answer; an error of its own has other codes. */
function isKilled(last: Terminated | undefined): boolean {
  return last !== undefined && (last.reason === 'OOMKilled' || last.exitCode === 137 || last.exitCode === 143)
}

function tell(incident: Incident, service: Service, hot: Hot, pinning: Pinning): Finding | Rejection {
  const { object, pods } = service
  if (textAt(object.json, 'spec', 'sessionAffinity') === 'ClientIP')
    return reject(object.ref, 'Its clients are bound to pods on purpose (sessionAffinity).')
  if (hot.pod.workload.kind === 'StatefulSet')
    return reject(object.ref, 'The pods of a StatefulSet may have different roles.')
  if (pods.filter(({ ready }) => ready).length < 2)
    return reject(object.ref, 'Its other pods are not ready: what is left carries all.')
  if (isNodeSick(incident, hot.pod))
    return reject(object.ref, `Other workloads fail on ${hot.pod.node} too: the node may be at fault.`)
  const callers = incident.dependencies.filter(({ to }) => keyOf(to) === keyOf(object.ref))
  const clients = callers.reduce((total, { from }) => total + (incident.workloadOf(from)?.pods.length ?? 0), 0)
  if (clients > pods.length && pinning.how !== 'pinned')
    return reject(object.ref, `It has ${clients} clients for ${pods.length} pods: enough connections to spread.`)
  return describe(incident, service, hot, { clients, late: callers.filter((call) => isLate(incident, call)), pinning })
}

/** Whether calls are not answered in time, often and until now: who is overloaded need not be at its limit in the moment of a measurement. */
function isLate(incident: Incident, call: Dependency): boolean {
  const isOften = countFailedCalls(incident, call) >= MANY_LINES
  return isOften && classesOfCalls(call).has('timeout') && isStillFailing(incident, call)
}

interface Callers {
  readonly clients: number
  readonly late: readonly Dependency[]
  readonly pinning: Pinning
}

/** Who has all connections and all the work, and lets its clients wait, can be nothing else; who has no more connections than others hardly is it. */
function weigh({ strength }: Hot, { late, pinning: { how } }: Callers): Finding['strength'] {
  if (how === 'equal') return 'weak'
  if (how !== 'pinned') return strength
  return strength === 'strong' && late.length > 0 ? 'proof' : 'strong'
}

function isNodeSick(incident: Incident, { node, workload }: Pod): boolean {
  return incident.podsOn(node).some((other) => keyOf(other.workload) !== keyOf(workload) && isStuck(incident, other))
}

function describe(incident: Incident, { object, pods }: Service, hot: Hot, callers: Callers): Finding {
  const { late, pinning } = callers
  const waiting = uniqueRefs(late.map(({ from }) => from))
  const isKnown = pinning.how === 'pinned' || pinning.how === 'part'
  return {
    kind: hot.suffers || late.length > 0 ? 'cause' : 'risk',
    subject: object.ref,
    strength: weigh(hot, callers),
    from: hot.from ?? earliest(late.map(({ first }) => first)),
    says: `Of ${count(pods.length, 'pod')} behind ${object.ref.name} ${hot.says}, and ${isKnown ? pinning.says : tellClients(callers)}${late.length === 0 ? '' : `; calls of ${tellNames(waiting.map(({ name }) => name))} time out`}.`,
    cites: atLeastOne([
      ...hot.cites,
      ...(isKnown ? pinning.cites : []),
      cite(object, ['spec', 'ports']),
      ...late.flatMap(({ cites }) => cites[0]),
    ]),
    against: pinning.how === 'equal' ? againstOf(pinning) : [],
    affects: uniqueRefs([...sufferersOf(incident, [hot.pod]), ...waiting]),
    missing: pinning.how === 'unknown' || pinning.how === 'part' ? ['the connections of each pod (conntrack)'] : [],
  }
}

function tellClients({ clients }: Callers): string {
  return clients === 0 ? 'no client is known' : `${count(clients, 'client')} may hold all connections`
}

function againstOf({ says, cites }: Pinning): readonly Claim[] {
  return [{ says: `Its connections are spread: only ${says}.`, cites: atLeastOne(cites) }]
}
