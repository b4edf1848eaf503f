import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
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
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
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

/** Restarts this long ago are over. */
const RECENT_MS = 3600_000

/** Few clients hold their connections to one pod of a Service, and its siblings stay idle. */
export const http2ConnectionPinning: Rule<'http2-connection-pinning'> = {
  id: 'http2-connection-pinning',
  title: 'Long-lived connections stay with one pod of a Service',
  domain: 'network',
  seeds: ['HN 1'],
  needs: ['pods', 'services'],
  helps: ['pods.metrics.k8s.io', 'cadvisor', 'kubelet-stats', 'socket-counters'],
  explains: ['crashing', 'slow', 'not-ready', 'not-scaling', 'errors'],
  explain: {
    mechanism:
      'A ClusterIP chooses a pod once for each connection, not for each request. A client with HTTP/2 or gRPC sends everything over one connection for hours, so that one pod works and the others idle. Scaling out changes nothing: new pods get no connections. When the hot pod dies, the load moves to the next as a whole.',
    proof: [
      'Of the pods of one Service one uses at least five times the processor of the median, and its connections outnumber those of its siblings.',
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
    for (const service of incident.services.filter(isMultiplexed)) {
      const hot = busiestOf(incident, service) ?? restartingOf(incident, service)
      if (hot) yield tell(incident, service, hot)
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

function isMultiplexed({ ports, object, pods }: Service): boolean {
  const isNamed = ports.some(({ name, appProtocol }) => MULTIPLEXED.test(name) || MULTIPLEXED.test(appProtocol))
  return isNamed && pods.length >= FEWEST_PODS && textAt(object.json, 'spec', 'clusterIP') !== 'None'
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

function tell(incident: Incident, service: Service, hot: Hot): Finding | Rejection {
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
  if (clients > pods.length)
    return reject(object.ref, `It has ${clients} clients for ${pods.length} pods: enough connections to spread.`)
  return describe(incident, service, hot, { clients, late: callers.filter((call) => isLate(incident, call)) })
}

/** Whether calls are not answered in time, often and until now: who is overloaded need not be at its limit in the moment of a measurement. */
function isLate(incident: Incident, call: Dependency): boolean {
  const isOften = countFailedCalls(incident, call) >= MANY_LINES
  return isOften && classesOfCalls(call).has('timeout') && isStillFailing(incident, call)
}

interface Callers {
  readonly clients: number
  readonly late: readonly Dependency[]
}

function isNodeSick(incident: Incident, { node, workload }: Pod): boolean {
  return incident.podsOn(node).some((other) => keyOf(other.workload) !== keyOf(workload) && isStuck(incident, other))
}

function describe(incident: Incident, { object, pods }: Service, hot: Hot, { clients, late }: Callers): Finding {
  const waiting = uniqueRefs(late.map(({ from }) => from))
  return {
    kind: hot.suffers || late.length > 0 ? 'cause' : 'risk',
    subject: object.ref,
    strength: hot.strength,
    from: hot.from ?? earliest(late.map(({ first }) => first)),
    says: `Of ${count(pods.length, 'pod')} behind ${object.ref.name} ${hot.says}, and ${clients === 0 ? 'no client is known' : `${count(clients, 'client')} may hold all connections`}${late.length === 0 ? '' : `; calls of ${tellNames(waiting.map(({ name }) => name))} time out`}.`,
    cites: atLeastOne([...hot.cites, cite(object, ['spec', 'ports']), ...late.flatMap(({ cites }) => cites[0])]),
    affects: uniqueRefs([...sufferersOf(incident, [hot.pod]), ...waiting]),
    missing: ['the connections of each pod (socket-counters)'],
  }
}
