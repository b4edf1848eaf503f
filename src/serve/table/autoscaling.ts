import { at, isSet, type KubeObject, list, number, text } from './access.ts'
import { AGE, column, NAME } from './column.ts'
import { quantity } from './quantity.ts'
import { shorten } from './shorten.ts'
import { tables } from './table.ts'

/** What changes the number of pods, and what bounds that; HorizontalPodAutoscalers as autoscaling/v2 writes them. */
export const autoscaling = tables({
  'horizontalpodautoscalers.autoscaling': [
    NAME,
    column('Reference', 'string', (hpa) => {
      return `${text(hpa, 'spec', 'scaleTargetRef', 'kind')}/${text(hpa, 'spec', 'scaleTargetRef', 'name')}`
    }),
    column('Targets', 'string', describeTargets),
    column('MinPods', 'string', (hpa) => describeCount(at(hpa, 'spec', 'minReplicas')) ?? '<unset>'),
    column('MaxPods', 'string', (hpa) => number(hpa, 'spec', 'maxReplicas')),
    column('Replicas', 'string', (hpa) => number(hpa, 'status', 'currentReplicas')),
    AGE,
  ],
  'poddisruptionbudgets.policy': [
    NAME,
    column('Min Available', 'string', (budget) => describeCount(at(budget, 'spec', 'minAvailable')) ?? 'N/A'),
    column('Max Unavailable', 'string', (budget) => describeCount(at(budget, 'spec', 'maxUnavailable')) ?? 'N/A'),
    column('Allowed Disruptions', 'integer', (budget) => number(budget, 'status', 'disruptionsAllowed')),
    AGE,
  ],
})

/** A number, or a percentage. */
function describeCount(count: unknown): string | undefined {
  return typeof count === 'number' || typeof count === 'string' ? String(count) : undefined
}

function describeTargets(hpa: KubeObject): string {
  const current = list(hpa, 'status', 'currentMetrics')
  const targets = list(hpa, 'spec', 'metrics').map((metric, index) => describeTarget(metric, current[index]))
  return targets.length === 0 ? '<none>' : shorten(targets, 2, ', ')
}

/** The field of a metric that holds its details, by its type. */
const DETAILS: Readonly<Record<string, string>> = {
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
}

/** `cpu: 12%/80%`, `150/200 (avg)`; the current value is told by position, as the API server does. */
function describeTarget(metric: unknown, status: unknown): string {
  const field = DETAILS[text(metric, 'type')]
  if (field === undefined) return '<unknown type>'
  const target = at(metric, field, 'target')
  const current = at(status, field) === undefined ? undefined : (at(status, field, 'current') ?? {})
  const name = text(metric, field, 'name')
  if (field === 'pods') return `${known(current, 'averageValue')}/${quantity(target, 'averageValue')}`
  const isAverage = isSet(target, 'averageValue')
  if (field === 'external' || field === 'object') return describeValue(target, current, isAverage)
  if (isAverage) return `${name}: ${known(current, 'averageValue')}/${quantity(target, 'averageValue')}`
  return `${name}: ${percent(current) ?? '<unknown>'}/${percent(target) ?? '<auto>'}`
}

function describeValue(target: unknown, current: unknown, isAverage: boolean): string {
  if (!isAverage) return `${known(current, 'value')}/${quantity(target, 'value')}`
  const average = isSet(current, 'averageValue') ? quantity(current, 'averageValue') : '<unknown>'
  return `${average}/${quantity(target, 'averageValue')} (avg)`
}

/** A status that is there and lacks the value is written as if it were zero. */
function known(current: unknown, field: string): string {
  return current === undefined ? '<unknown>' : quantity(current, field)
}

function percent(value: unknown): string | undefined {
  return isSet(value, 'averageUtilization') ? `${number(value, 'averageUtilization')}%` : undefined
}
