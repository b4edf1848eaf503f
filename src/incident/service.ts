import { listAt, numberAt, stringsAt, textAt, valueAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import type { Pod } from './pod.ts'
import { matchesLabels } from './selector.ts'

/** A Service with what it selects and what answers for it. */
export interface Service {
  readonly object: KubeObject
  readonly type: string
  readonly selector: Readonly<Record<string, string>>
  readonly ports: readonly ServicePort[]
  /** Pods that its selector selects now. */
  readonly pods: readonly Pod[]
  readonly slices: readonly KubeObject[]
  readonly endpoints: readonly Endpoint[]
}

export interface ServicePort {
  readonly name: string
  readonly port: number | undefined
  /** A number or the name of a container's port. */
  readonly targetPort: string
  readonly protocol: string
  readonly appProtocol: string
}

export interface Endpoint {
  readonly address: string
  readonly ready: boolean
  readonly pod: string
  readonly node: string
  readonly slice: KubeObject
  readonly path: readonly (string | number)[]
}

/** Reads a Service; `pods` are those of its namespace, `slices` its EndpointSlices. */
export function readService(object: KubeObject, pods: readonly Pod[], slices: readonly KubeObject[]): Service {
  const selector = stringsAt(object.json, 'spec', 'selector')
  const hasSelector = Object.keys(selector).length > 0
  return {
    object,
    type: textAt(object.json, 'spec', 'type') || 'ClusterIP',
    selector,
    ports: listAt(object.json, 'spec', 'ports').map((port) => ({
      name: textAt(port, 'name'),
      port: numberAt(port, 'port'),
      targetPort: String(valueAt(port, 'targetPort') ?? valueAt(port, 'port') ?? ''),
      protocol: textAt(port, 'protocol') || 'TCP',
      appProtocol: textAt(port, 'appProtocol'),
    })),
    pods: hasSelector ? pods.filter((pod) => matchesLabels(selector, pod.labels)) : [],
    slices,
    endpoints: slices.flatMap(readEndpoints),
  }
}

/** The addresses that a Service has itself, of either family; none where it has no address of its own. */
export function addressesOf({ object }: Pick<Service, 'object'>): readonly string[] {
  const all = [textAt(object.json, 'spec', 'clusterIP'), ...listAt(object.json, 'spec', 'clusterIPs')]
  return all.filter((one): one is string => typeof one === 'string' && one !== '' && one !== 'None')
}

/** An endpoint whose `ready` is not told counts as ready (k8s.io/api/discovery/v1, EndpointConditions). */
function readEndpoints(slice: KubeObject): Endpoint[] {
  return listAt(slice.json, 'endpoints').map((endpoint, index) => ({
    address: String(listAt(endpoint, 'addresses')[0] ?? ''),
    ready: valueAt(endpoint, 'conditions', 'ready') !== false,
    pod: textAt(endpoint, 'targetRef', 'name'),
    node: textAt(endpoint, 'nodeName'),
    slice,
    path: ['endpoints', index],
  }))
}
