import type { Dependency } from '../incident/dependency.ts'
import { callsTo } from '../incident/endpoints.ts'
import { classesOfCalls, countFailedCalls, isStillFailing } from '../incident/failed-call.ts'
import type { Incident } from '../incident/incident.ts'
import { listAt, recordAt, textAt } from '../incident/kubernetes.ts'
import type { KubeObject } from '../incident/object.ts'
import { isFailing, type Pod } from '../incident/pod.ts'
import { parseQuantity } from '../incident/quantity.ts'
import { keyOf, type Ref } from '../incident/reference.ts'
import type { Said } from '../incident/statement.ts'
import { isLive } from './live.ts'
import { MANY_LINES } from './outbreak.ts'
import { hasRestarted } from './suffering.ts'

/** Who suffers where a workload has more to do than its replicas can: an autoscaler at its maximum alone is what many are at every peak. */
export interface Strain {
  /** Pods of it that are not well. */
  readonly sick: readonly Pod[]
  /** Probes of its pods that were answered too late. */
  readonly late: readonly Said[]
  /** Callers that wait for it in vain. */
  readonly callers: readonly Dependency[]
  /** How far a queue, or whatever else outside its pods is measured, is above what is wanted. */
  readonly queue: number | undefined
}

/** What is seen of the load of a workload that an autoscaler may not scale further. */
export function strainOf(incident: Incident, scaler: KubeObject, target: Ref): Strain {
  const pods = incident.workloadOf(target)?.pods ?? []
  const queue = overloadOf(scaler, QUEUES)
  return {
    sick: pods.filter((pod) => isFailing(pod) || hasRestarted(incident, pod)),
    late: incident
      .said('probe-timed-out')
      .filter((said) => keyOf(incident.topOf(said.about)) === keyOf(target) && isLive(incident, said)),
    callers: callersInVain(incident, pods),
    queue: queue !== undefined && queue > TOLERANCE ? queue : undefined,
  }
}

/** Whether anything is seen of the load but the autoscaler's wish. */
export function isStrained({ sick, late, callers, queue }: Strain): boolean {
  return sick.length > 0 || late.length > 0 || callers.length > 0 || queue !== undefined
}

function callersInVain(incident: Incident, pods: readonly Pod[]): readonly Dependency[] {
  return callsTo(incident, pods).filter((one) => {
    const classes = classesOfCalls(one)
    const isUnanswered = classes.has('timeout') || classes.has('unavailable')
    return isUnanswered && isStillFailing(incident, one) && countFailedCalls(incident, one) >= MANY_LINES
  })
}

/** The controller does nothing about a metric within a tenth of its target (--horizontal-pod-autoscaler-tolerance). */
export const TOLERANCE = 1.1

/** How far the metric that is furthest above its target is from it; undefined where none is told. */
export function overloadOf({ json }: KubeObject, types = TYPES): number | undefined {
  const ratios = listAt(json, 'spec', 'metrics').flatMap((metric, index) => {
    const type = types[textAt(metric, 'type')]
    if (type === undefined) return []
    const [wanted, current] = [
      recordAt(metric, type, 'target'),
      recordAt(json, 'status', 'currentMetrics', index, type, 'current'),
    ]
    return ['averageUtilization', 'averageValue', 'value'].flatMap((field) => {
      const [target, now] = [parseQuantity(wanted[field]), parseQuantity(current[field])]
      return target !== undefined && now !== undefined && target > 0 ? [now / target] : []
    })
  })
  return ratios.length > 0 ? Math.max(...ratios) : undefined
}

/** Where metrics of what waits outside of the pods stand. */
const QUEUES: Readonly<Record<string, string>> = { Object: 'object', External: 'external' }

/** Where a metric of each type stands. */
const TYPES: Readonly<Record<string, string>> = {
  ...QUEUES,
  Resource: 'resource',
  ContainerResource: 'containerResource',
  Pods: 'pods',
}
