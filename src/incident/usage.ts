import { type Citation, cite } from './citation.ts'
import { type Consumption, citeFigure } from './counters/summary.ts'
import type { Incident } from './incident.ts'
import { listAt, textAt, valueAt } from './kubernetes.ts'
import { parseQuantity } from './quantity.ts'
import type { Ref } from './reference.ts'

/** What metrics-server, or else the kubelet itself, measured of a node or a container at the moment of the capture: cores and bytes. */
export interface Usage {
  readonly cpu: number | undefined
  readonly memory: number | undefined
  readonly citation: Citation
}

/** What a node used; undefined where nobody measured it. */
export function usageOfNode(incident: Incident, name: string): Usage | undefined {
  const object = incident.find('NodeMetrics', undefined, name)
  if (!object) return consumed(incident.counters.of(name)?.usage)
  return { ...read(valueAt(object.json, 'usage')), citation: cite(object, ['usage']) }
}

/** What a container used; undefined where nobody measured it, or not yet, because it is so young. */
export function usageOfContainer(incident: Incident, pod: Ref, container: string): Usage | undefined {
  const object = incident.find('PodMetrics', pod.namespace, pod.name)
  const index = listAt(object?.json, 'containers').findIndex((one) => textAt(one, 'name') === container)
  if (!object || index < 0) return consumed(incident.counters.usageOfContainer(pod, container))
  const path = ['containers', index, 'usage']
  return { ...read(valueAt(object.json, ...path)), citation: cite(object, path) }
}

function consumed(usage: Consumption | undefined): Usage | undefined {
  const { nanoCores, workingSet } = usage ?? {}
  const figure = nanoCores ?? workingSet
  if (!figure) return undefined
  return {
    cpu: nanoCores && nanoCores.value / 1e9,
    memory: workingSet?.value,
    citation: citeFigure(figure),
  }
}

function read(usage: unknown): Pick<Usage, 'cpu' | 'memory'> {
  return { cpu: parseQuantity(valueAt(usage, 'cpu')), memory: parseQuantity(valueAt(usage, 'memory')) }
}
