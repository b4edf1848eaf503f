import { type Citation, cite } from '../incident/citation.ts'
import type { Incident } from '../incident/incident.ts'
import { listAt, textAt, valueAt } from '../incident/kubernetes.ts'
import type { KubeObject } from '../incident/object.ts'
import type { Ref } from '../incident/reference.ts'
import { templatePathOf } from '../incident/template-path.ts'

/** A field of a container's template that differs between a workload's latest generation and the one before it. */
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
  const known = incident.workloadOf(workload)
  const generations = known && known.replicaSets.length > 0 ? known.replicaSets : (known?.revisions ?? [])
  const [older, newer] = generations.slice(-2)
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

function fieldOf(generation: KubeObject, container: string, field: readonly string[]) {
  const root = [...templatePathOf(generation), 'spec', 'containers']
  const index = listAt(generation.json, ...root).findIndex((one) => textAt(one, 'name') === container)
  if (index < 0) return undefined
  const path = [...root, index, ...field]
  const value = valueAt(generation.json, ...path)
  return { path, value: value === undefined ? '' : String(value) }
}
