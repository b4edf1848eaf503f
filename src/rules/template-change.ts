import { type Citation, cite } from '../incident/citation.ts'
import type { Incident } from '../incident/incident.ts'
import { listAt, textAt, valueAt } from '../incident/kubernetes.ts'
import type { KubeObject } from '../incident/object.ts'
import type { Ref } from '../incident/reference.ts'

/** A field of a container's template that differs between a Deployment's latest generation and the one before it. */
export interface TemplateChange {
  readonly before: string
  readonly after: string
  /** When the new generation was made. */
  readonly at: number | undefined
  readonly cites: readonly [Citation, Citation]
}

/** How a field of a container differs from the generation before; undefined where it does not, or nobody knows. */
export function templateChange(
  incident: Incident,
  workload: Ref,
  container: string,
  ...field: readonly string[]
): TemplateChange | undefined {
  const [older, newer] = (incident.workloadOf(workload)?.replicaSets ?? []).slice(-2)
  if (!older || !newer) return undefined
  const [before, after] = [older, newer].map(({ object }) => fieldOf(object, container, field))
  if (!before || !after || before.value === after.value) return undefined
  return {
    before: before.value,
    after: after.value,
    at: newer.object.created,
    cites: [cite(older.object, before.path), cite(newer.object, after.path)],
  }
}

function fieldOf(replicaSet: KubeObject, container: string, field: readonly string[]) {
  const root = ['spec', 'template', 'spec', 'containers'] as const
  const index = listAt(replicaSet.json, ...root).findIndex((one) => textAt(one, 'name') === container)
  if (index < 0) return undefined
  const path = [...root, index, ...field]
  const value = valueAt(replicaSet.json, ...path)
  return { path, value: value === undefined ? '' : String(value) }
}
