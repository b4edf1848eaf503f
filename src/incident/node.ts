import { nodeGroupOf } from '../node-group.ts'
import { type Condition, conditionOf, readConditions } from './condition.ts'
import { type Resources, readResources } from './container.ts'
import { isTrueAt, listAt, recordAt, textAt, timeAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import { parseQuantity } from './quantity.ts'

/** A node as rules see it. */
export interface Node extends KubeObject {
  readonly conditions: readonly Condition[]
  /** Whether its Ready condition is True. */
  readonly ready: boolean
  readonly unschedulable: boolean
  readonly taints: readonly Taint[]
  readonly allocatable: Resources & { readonly pods: number | undefined }
  readonly zone: string
  readonly instanceType: string
  /** Node group, node pool or provisioner, whatever names it; empty where nothing does. */
  readonly group: string
  readonly architecture: string
  /** kernel, OS image, runtime and kubelet versions: what differs between two images of nodes. */
  readonly versions: Readonly<Record<string, string>>
}

export interface Taint {
  readonly key: string
  readonly value: string
  readonly effect: string
  readonly added: number | undefined
  readonly path: readonly (string | number)[]
}

/** Reads a node. */
export function readNode(object: KubeObject): Node {
  const { json, labels } = object
  const conditions = readConditions(json)
  const info = recordAt(json, 'status', 'nodeInfo')
  return {
    ...object,
    conditions,
    ready: conditionOf(conditions, 'Ready')?.status === 'True',
    unschedulable: isTrueAt(json, 'spec', 'unschedulable'),
    taints: listAt(json, 'spec', 'taints').map((taint, index) => ({
      key: textAt(taint, 'key'),
      value: textAt(taint, 'value'),
      effect: textAt(taint, 'effect'),
      added: timeAt(taint, 'timeAdded'),
      path: ['spec', 'taints', index],
    })),
    allocatable: {
      ...readResources(recordAt(json, 'status', 'allocatable')),
      pods: parseQuantity(recordAt(json, 'status', 'allocatable').pods),
    },
    zone: labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? '',
    instanceType: labels['node.kubernetes.io/instance-type'] ?? labels['beta.kubernetes.io/instance-type'] ?? '',
    group: nodeGroupOf(labels),
    architecture: textAt(info, 'architecture') || (labels['kubernetes.io/arch'] ?? ''),
    versions: {
      kernel: textAt(info, 'kernelVersion'),
      osImage: textAt(info, 'osImage'),
      runtime: textAt(info, 'containerRuntimeVersion'),
      kubelet: textAt(info, 'kubeletVersion'),
    },
  }
}

/** Leaves the list of images out, most of a node's JSON, where its disk is not under pressure: only then does anybody ask what fills it. */
export function slimNode(object: KubeObject): KubeObject {
  const isPressed = conditionOf(readConditions(object.json), 'DiskPressure')?.status === 'True'
  if (isPressed) return object
  const { images: _, ...status } = recordAt(object.json, 'status')
  return { ...object, json: { ...object.json, status } }
}
