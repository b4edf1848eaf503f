import { type Citation, cite, citeName } from '../../incident/citation.ts'
import { conditionOf } from '../../incident/condition.ts'
import { hasNoReadyEndpoint, servingPods } from '../../incident/endpoints.ts'
import type { Incident } from '../../incident/incident.ts'
import { stringsAt } from '../../incident/kubernetes.ts'
import type { Pod } from '../../incident/pod.ts'
import { type Ref, uniqueRefs } from '../../incident/reference.ts'
import { matchesLabels } from '../../incident/selector.ts'
import type { Service } from '../../incident/service.ts'
import { count } from '../../incident/telling.ts'
import type { Workload } from '../../incident/workload.ts'

/** The pods of the cluster that the API server asks for something, and what state they are in. */
export interface Backend {
  /** ready: pods answer, or should. missing: there is no such Service. absent: nothing runs behind it, or it is scaled to nothing. ill: pods are not ready. unknown: the bundle does not tell. */
  readonly state: 'ready' | 'missing' | 'absent' | 'ill' | 'unknown'
  readonly says: string
  readonly cites: readonly Citation[]
  /** The Service, its pods and what runs them. */
  readonly refs: readonly Ref[]
  readonly pods: readonly Pod[]
}

interface Target {
  readonly namespace: string
  readonly name: string
}

/** Looks behind a Service that the API server asks. */
export function backendOf(incident: Incident, target: Target | undefined, service: Service | undefined): Backend {
  if (!target) return { ...NOTHING, state: 'unknown', says: 'it is outside of the cluster' }
  const ref = { kind: 'Service', namespace: target.namespace, name: target.name }
  if (!service) {
    const isMissing = incident.coverage.isComplete('services', target.namespace)
    const says = isMissing
      ? `the Service ${target.namespace}/${target.name} does not exist`
      : 'its Service is not in the bundle'
    return { ...NOTHING, refs: [ref], state: isMissing ? 'missing' : 'unknown', says }
  }
  const pods = servingPods(service)
  const workloads = workloadsBehind(incident, service)
  const refs = uniqueRefs([ref, ...pods.flatMap((pod) => [pod.ref, pod.workload]), ...workloads.map((one) => one.ref)])
  return { ...judge(incident, service, pods, workloads), refs, pods }
}

const NOTHING = { cites: [], refs: [], pods: [] } as const

function judge(incident: Incident, service: Service, pods: readonly Pod[], workloads: readonly Workload[]) {
  const name = `${service.object.ref.namespace}/${service.object.ref.name}`
  if (!hasNoReadyEndpoint(service))
    return {
      state: 'ready',
      says: `${count(pods.length, 'pod')} of ${name} look ready`,
      cites: [citeName(service.object)],
    } as const
  if (pods.length > 0) {
    return {
      state: 'ill',
      says: `none of ${count(pods.length, 'pod')} of ${name} is ready`,
      cites: pods.slice(0, 2).map(citeReady),
    } as const
  }
  if (!incident.coverage.isComplete('pods', service.object.ref.namespace))
    return { state: 'unknown', says: `the pods of ${name} are not in the bundle`, cites: [] } as const
  const wants = workloads.find(({ desired = 0 }) => desired > 0)
  if (wants)
    return { state: 'ill', says: `${wants.ref.name} wants pods and has none`, cites: citeWorkload(wants) } as const
  const [scaled] = workloads
  const says = scaled ? `${scaled.ref.name} is scaled to 0` : `no pod stands behind ${name}`
  return {
    state: 'absent',
    says,
    cites: scaled?.object ? [cite(scaled.object, ['spec', 'replicas'])] : [citeName(service.object)],
  } as const
}

/** By the template, so that those without pods are found. */
function workloadsBehind({ workloads }: Incident, { selector, object }: Service): readonly Workload[] {
  if (Object.keys(selector).length === 0) return []
  return workloads.filter(
    ({ ref, object: own }) =>
      ref.namespace === object.ref.namespace &&
      matchesLabels(selector, stringsAt(own?.json, 'spec', 'template', 'metadata', 'labels')),
  )
}

function citeReady(pod: Pod): Citation {
  const ready = conditionOf(pod.conditions, 'Ready')
  return ready ? cite(pod, [...ready.path, 'status']) : citeName(pod)
}

function citeWorkload({ object }: Workload): readonly Citation[] {
  return object ? [citeName(object)] : []
}
