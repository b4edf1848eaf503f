import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf } from '../../incident/reference.ts'
import type { Service } from '../../incident/service.ts'
import { count, earliest } from '../../incident/telling.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'

/** Names by which ports of long-lived, multiplexed connections are called. */
const MULTIPLEXED = /grpc|http2|h2c/i

/** With two pods half the connections on one is chance. */
const FEWEST_PODS = 3

/** A pod that restarts once had an accident; one that is overloaded restarts again and again. */
const FEWEST_RESTARTS = 3

/** Restarts this long ago are over. */
const RECENT_MS = 3600_000

/** Few clients hold their connections to one pod of a Service, and its siblings stay idle. */
export const http2ConnectionPinning: Rule<'http2-connection-pinning'> = {
  id: 'http2-connection-pinning',
  title: 'Long-lived connections stay with one pod of a Service',
  domain: 'network',
  seeds: ['HN 1'],
  needs: ['pods', 'services'],
  helps: ['cadvisor', 'kubelet-stats', 'socket-counters'],
  explains: ['crashing', 'slow', 'not-ready', 'not-scaling'],
  explain: {
    mechanism:
      'A ClusterIP chooses a pod once for each connection, not for each request. A client with HTTP/2 or gRPC sends everything over one connection for hours, so that one pod works and the others idle. Scaling out changes nothing: new pods get no connections. When the hot pod dies, the load moves to the next as a whole.',
    proof: [
      'Of the pods of one Service one uses at least five times the processor of the median, and its connections outnumber those of its siblings.',
      'Fewer clients than pods, and a port that is called grpc or http2.',
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
      const hot = hotPodOf(incident, service)
      if (hot) yield tell(incident, service, hot)
    }
  },
}

function isMultiplexed({ ports, object, pods }: Service): boolean {
  const isNamed = ports.some(({ name, appProtocol }) => MULTIPLEXED.test(name) || MULTIPLEXED.test(appProtocol))
  return isNamed && pods.length >= FEWEST_PODS && textAt(object.json, 'spec', 'clusterIP') !== 'None'
}

/** The one pod that restarts while siblings of the same template never did. */
function hotPodOf(incident: Incident, { pods }: Service): Pod | undefined {
  const restarted = pods.filter((pod) => pod.containers.some(({ restarts }) => restarts > 0))
  const [hot] = restarted
  if (!hot || restarted.length > 1) return undefined
  const isAgain = hot.containers.some(
    ({ restarts, last }) => restarts >= FEWEST_RESTARTS && (last?.finished ?? 0) >= incident.now - RECENT_MS,
  )
  return isAgain && pods.every((pod) => pod.templateHash === hot.templateHash) ? hot : undefined
}

function tell(incident: Incident, { object, pods }: Service, hot: Pod): Finding | Rejection {
  if (textAt(object.json, 'spec', 'sessionAffinity') === 'ClientIP')
    return reject(object.ref, 'Its clients are bound to pods on purpose (sessionAffinity).')
  if (hot.workload.kind === 'StatefulSet')
    return reject(object.ref, 'The pods of a StatefulSet may have different roles.')
  const callers = incident.dependencies.filter(({ to }) => keyOf(to) === keyOf(object.ref))
  const clients = callers.reduce((total, { from }) => total + (incident.workloadOf(from)?.pods.length ?? 0), 0)
  if (clients > pods.length)
    return reject(object.ref, `It has ${clients} clients for ${pods.length} pods: enough connections to spread.`)
  return describe(object, pods, hot, clients)
}

function describe(object: Service['object'], pods: readonly Pod[], hot: Pod, clients: number): Finding {
  const container = hot.containers.find(({ restarts }) => restarts >= FEWEST_RESTARTS)
  return {
    kind: 'cause',
    subject: object.ref,
    strength: 'weak',
    from: earliest([container?.last?.finished]),
    says: `Of ${count(pods.length, 'pod')} behind ${object.ref.name} only ${hot.ref.name} restarts (${container?.restarts} times), and ${clients === 0 ? 'no client is known' : `${count(clients, 'client')} may hold all connections`}.`,
    cites: atLeastOne([
      cite(hot, [...(container?.statusPath ?? ['status']), 'restartCount']),
      cite(object, ['spec', 'ports']),
    ]),
    affects: [hot.ref, hot.workload],
    missing: ['the processor and the connections of each pod (cadvisor, socket-counters)'],
  }
}
