import { atLeastOne, type Citation, cite, citeName } from '../../incident/citation.ts'
import { callersOf, hasNoReadyEndpoint, servingPods, workloadsBehind } from '../../incident/endpoints.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import type { Service } from '../../incident/service.ts'
import { startsUp } from '../../incident/starts-up.ts'
import { count, latest, tellNames } from '../../incident/telling.ts'
import { unreadyOrMadeSince } from '../../incident/unready-since.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'

/** A Service that has pods, and none of them is ready. */
export const serviceHasNoReadyEndpoints: Rule<'service-has-no-ready-endpoints'> = {
  id: 'service-has-no-ready-endpoints',
  title: 'No pod of the Service is ready',
  domain: 'workload',
  needs: ['services', 'pods'],
  helps: ['endpointslices.discovery.k8s.io'],
  explains: ['no-endpoints', 'errors', 'not-ready', 'crashing', 'unhealthy-condition', 'warnings'],
  explain: {
    mechanism:
      'A Service sends requests only to pods that are ready. When the last one is not, callers get connection refused, a timeout, or 503 from an ingress. This never begins by itself: what is behind it is the reason for which the pods are not ready.',
    proof: [
      'Every endpoint in the EndpointSlices of the Service has ready false, while its selector selects pods that should serve.',
    ],
    lookAlikes: [
      'service-selector-or-port-mismatch: the selector selects no pod, or the port has another name.',
      'A Service without a selector, of type ExternalName, or of a workload that was scaled to zero on purpose.',
    ],
    mitigate: [
      {
        says: 'Find why its pods are not ready.',
        command: 'kubectl get endpointslices -n {namespace} -l kubernetes.io/service-name={name} -o yaml',
        changes: false,
      },
    ],
    fix: ['Act on what keeps the pods from being ready; have more than one replica, on more than one node.'],
    links: ['https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/'],
  },
  *evaluate(incident) {
    for (const service of incident.services) {
      if (!hasNoReadyEndpoint(service)) continue
      const pods = servingPods(service)
      if (incident.now - (latest(pods.map(unreadyOrMadeSince)) ?? 0) < A_MOMENT) continue
      if (pods.length > 0 && pods.every((pod) => startsUp(incident, pod)))
        yield reject(service.object.ref, 'Its pods start, within the time that their startup probes give them.')
      else if (pods.length > 0) yield describe(incident, service, pods)
      else yield* judgeEmpty(incident, service)
    }
  },
}

/** A single pod that is replaced is away for so long (failures.md: at least a minute). */
const A_MOMENT = 60_000

/** Nobody is meant to answer for what is scaled to zero, unless somebody calls it. */
function* judgeEmpty(incident: Incident, service: Service): Generator<Finding | Rejection> {
  const { ref } = service.object
  const asleep = workloadsBehind(incident, service).find(({ desired }) => desired === 0)
  const callers = callersOf(incident, ref, true)
  if (!asleep?.object) return
  if (callers.length === 0) yield reject(ref, `${asleep.ref.name}, which it selects, is scaled to zero.`)
  else
    yield {
      kind: 'mechanism',
      subject: ref,
      strength: 'proof',
      from: undefined,
      says: `The Service ${ref.name} has callers, and ${asleep.ref.name} behind it is scaled to zero.`,
      cites: [cite(asleep.object, ['spec', 'replicas']), citeName(service.object)],
      affects: uniqueRefs([asleep.ref, ...callers]),
    }
}

function describe(incident: Incident, service: Service, pods: readonly Pod[]): Finding {
  const callers = callersOf(incident, service.object.ref)
  const names = uniqueRefs(pods.map(({ workload }) => workload)).map(({ name }) => name)
  return {
    kind: 'mechanism',
    subject: service.object.ref,
    strength: 'proof',
    from: latest(pods.map(unreadyOrMadeSince)),
    says: `None of the ${count(pods.length, 'pod')} behind the Service ${service.object.ref.name} (${tellNames(names)}) is ready.`,
    cites: atLeastOne(
      [...citeEndpoints(service), ...pods.slice(0, 2).flatMap(citeReady), citeName(service.object)].slice(0, 5),
    ),
    affects: uniqueRefs([...pods.map(({ ref }) => ref), ...pods.map(({ workload }) => workload), ...callers]),
  }
}

function citeEndpoints({ endpoints }: Service): readonly Citation[] {
  return endpoints.slice(0, 2).map(({ slice, path }) => cite(slice, [...path, 'conditions', 'ready']))
}

function citeReady(pod: Pod): readonly Citation[] {
  const ready = pod.conditions.find(({ type }) => type === 'Ready')
  return ready ? [cite(pod, [...ready.path, 'status'])] : []
}
