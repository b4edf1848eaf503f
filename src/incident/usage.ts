import { type Citation, cite } from './citation.ts'
import type { Incident } from './incident.ts'
import { listAt, textAt, valueAt } from './kubernetes.ts'
import { parseQuantity } from './quantity.ts'
import type { Ref } from './reference.ts'

/** What metrics-server measured of a node or a container at the moment of the capture: cores and bytes. */
export interface Usage {
  readonly cpu: number | undefined
  readonly memory: number | undefined
  readonly citation: Citation
}

/** What a node used; undefined where no metrics were served. */
export function usageOfNode(incident: Incident, name: string): Usage | undefined {
  const object = incident.find('NodeMetrics', undefined, name)
  return object && { ...read(valueAt(object.json, 'usage')), citation: cite(object, ['usage']) }
}

/** What a container used; undefined where no metrics were served, or none of a container so young. */
export function usageOfContainer(incident: Incident, { namespace, name }: Ref, container: string): Usage | undefined {
  const object = incident.find('PodMetrics', namespace, name)
  if (!object) return undefined
  const index = listAt(object.json, 'containers').findIndex((one) => textAt(one, 'name') === container)
  if (index < 0) return undefined
  const path = ['containers', index, 'usage']
  return { ...read(valueAt(object.json, ...path)), citation: cite(object, path) }
}

function read(usage: unknown): Pick<Usage, 'cpu' | 'memory'> {
  return { cpu: parseQuantity(valueAt(usage, 'cpu')), memory: parseQuantity(valueAt(usage, 'memory')) }
}
