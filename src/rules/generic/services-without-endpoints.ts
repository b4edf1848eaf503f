import { cite } from '../../incident/citation.ts'
import { workloadsBehind } from '../../incident/endpoints.ts'
import type { Incident } from '../../incident/incident.ts'
import { keyOf, uniqueRefs } from '../../incident/reference.ts'
import type { Service } from '../../incident/service.ts'
import { startsUp } from '../../incident/starts-up.ts'
import { count, earliest, latest } from '../../incident/telling.ts'
import type { Workload } from '../../incident/workload.ts'
import type { Finding, Rule } from '../rule.ts'
import { symptomExplanation } from './symptom.ts'

/** Services behind which nobody answers. */
export const servicesWithoutEndpoints: Rule<'services-without-endpoints'> = {
  id: 'services-without-endpoints',
  title: 'Nobody answers for a Service',
  domain: 'generic',
  needs: ['services', 'endpointslices.discovery.k8s.io', 'pods'],
  explains: [],
  explain: symptomExplanation(
    'A Service has a selector and no endpoint that is ready: every call to it fails.',
    'Its EndpointSlices hold no ready endpoint, although what it selects is not scaled to zero.',
  ),
  *evaluate(incident) {
    for (const service of incident.services) if (isDead(incident, service)) yield describe(incident, service)
  },
}

function isDead(incident: Incident, service: Service): boolean {
  const hasSelector = Object.keys(service.selector).length > 0
  if (!hasSelector || service.type === 'ExternalName' || service.endpoints.some(({ ready }) => ready)) return false
  if (!incident.coverage.isComplete('endpointslices.discovery.k8s.io', service.object.ref.namespace)) return false
  const meant = service.pods.filter(isMeantToRun)
  if (meant.length > 0) return !meant.every((pod) => isStarting(incident, pod))
  return service.pods.length === 0 ? !isScaledToZero(incident, service) : isWanted(incident, service)
}

function isMeantToRun({ phase, deleted }: Service['pods'][number]): boolean {
  return phase !== 'Succeeded' && phase !== 'Failed' && deleted === undefined
}

/** A new pod is not ready for a while. */
const PATIENCE = 60 * 1000

function isStarting(incident: Incident, pod: Service['pods'][number]): boolean {
  const { now } = incident
  const { ready, created, containers } = pod
  const isYoung = now - (created ?? 0) < PATIENCE && containers.every(({ restarts }) => restarts === 0)
  return !ready && (isYoung || startsUp(incident, pod))
}

/** Only pods that ended are left, and something that matches wants others. */
function isWanted(incident: Incident, service: Service): boolean {
  return workloadsOf(incident, service).some(({ desired }) => (desired ?? 0) > 0)
}

/** Whatever would match is scaled to zero on purpose; a Service that nothing would ever match is not asked by anybody, or a mistake. */
function isScaledToZero(incident: Incident, service: Service): boolean {
  const fitting = workloadsOf(incident, service)
  return fitting.length > 0 && fitting.every(({ desired }) => desired === 0)
}

/** What makes pods that the Service selects; Jobs serve nobody. */
function workloadsOf(incident: Incident, service: Service): readonly Workload[] {
  return workloadsBehind(incident, service).filter(({ ref }) => ref.kind !== 'Job')
}

function describe(incident: Incident, service: Service): Finding {
  const { object, pods, endpoints } = service
  const what = tellPods(service)
  const [endpoint] = endpoints
  const unready = pods.flatMap(({ conditions }) =>
    conditions.filter(({ type, status }) => type === 'Ready' && status !== 'True'),
  )
  return {
    kind: 'symptom',
    symptom: 'no-endpoints',
    subject: object.ref,
    strength: isForgotten(incident, service) ? 'weak' : 'proof',
    from: earliest(unready.map(({ since }) => since)),
    lastFrom: latest(unready.map(({ since }) => since)),
    says: `Nobody answers for the Service ${object.ref.name}: ${what}.`,
    cites: [endpoint ? cite(endpoint.slice, [...endpoint.path, 'conditions']) : cite(object, ['spec', 'selector'])],
    affects: uniqueRefs([...pods.map(({ ref }) => ref), ...pods.map(({ workload }) => workload)]),
  }
}

function tellPods({ pods }: Service): string {
  if (pods.length === 0) return 'its selector matches no pod'
  const ready = pods.filter((pod) => pod.ready).length
  return ready > 0
    ? `its EndpointSlices have none of its ${count(ready, 'ready pod')}`
    : `none of its ${count(pods.length, 'pod')} is ready`
}

/** Nothing would ever match it, and nobody is seen to call it, by settings, routes or logs: it was left over. */
function isForgotten(incident: Incident, service: Service): boolean {
  const { coverage, dependencies } = incident
  if (service.pods.length > 0 || workloadsOf(incident, service).length > 0) return false
  const isRead = (['logs', 'ingresses.networking.k8s.io'] as const).every((kind) => coverage.of(kind).how !== 'none')
  return isRead && !dependencies.some(({ to }) => keyOf(to) === keyOf(service.object.ref))
}
