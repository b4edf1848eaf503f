import { type Condition, conditionOf, readConditions } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import type { Ref } from '../../incident/reference.ts'

/** A HorizontalPodAutoscaler with what it scales. */
export interface Scaler {
  readonly object: KubeObject
  readonly target: Ref
  readonly conditions: readonly Condition[]
}

/** Every HorizontalPodAutoscaler of the bundle. */
export function listScalers(incident: Incident): readonly Scaler[] {
  return incident.objects('horizontalpodautoscalers.autoscaling').map((object) => {
    const kind = textAt(object.json, 'spec', 'scaleTargetRef', 'kind')
    const name = textAt(object.json, 'spec', 'scaleTargetRef', 'name')
    const { namespace } = object.ref
    return {
      object,
      target: { kind, ...(namespace === undefined ? {} : { namespace }), name },
      conditions: readConditions(object.json),
    }
  })
}

/** A condition of a scaler that has a status. */
export function scalerCondition({ conditions }: Scaler, type: string, status: string): Condition | undefined {
  const found = conditionOf(conditions, type)
  return found?.status === status ? found : undefined
}
