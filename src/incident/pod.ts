import { type Condition, conditionOf, readConditions } from './condition.ts'
import { type Container, readContainers } from './container.ts'
import { isTrueAt, numberAt, textAt, timeAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import type { Ref } from './reference.ts'
import { readUses, type Use } from './uses.ts'

/** A pod as rules see it. */
export interface Pod extends KubeObject {
  readonly phase: string
  /** `status.reason` and `status.message`: set for evicted, rejected and lost pods. */
  readonly reason: string
  readonly message: string
  readonly node: string
  readonly ip: string
  readonly started: number | undefined
  readonly conditions: readonly Condition[]
  readonly ready: boolean
  readonly containers: readonly Container[]
  /** What its spec names: ConfigMaps, Secrets, claims, an account. */
  readonly uses: readonly Use[]
  readonly priority: number
  readonly priorityClass: string
  readonly qos: string
  /** Controller owner reference, or undefined for a pod that nobody owns. */
  readonly ownerRef: Ref | undefined
  /** What to call it by: the Deployment, StatefulSet, DaemonSet, CronJob, Job or custom resource at the top of its owners, or itself. */
  readonly workload: Ref
  /** Of its ReplicaSet or controller revision: pods with the same one run the same template. */
  readonly templateHash: string
}

/** Reads a pod; who owns it at the top is for the caller to say, who knows the other objects. */
export function readPod(object: KubeObject, workloadOf: (object: KubeObject) => Ref): Pod {
  const { json, ref, owners, labels } = object
  const conditions = readConditions(json)
  const owner = owners.find((one) => one.controller) ?? owners[0]
  return {
    ...object,
    phase: textAt(json, 'status', 'phase'),
    reason: textAt(json, 'status', 'reason'),
    message: textAt(json, 'status', 'message'),
    node: textAt(json, 'spec', 'nodeName'),
    ip: textAt(json, 'status', 'podIP'),
    started: timeAt(json, 'status', 'startTime'),
    conditions,
    ready: conditionOf(conditions, 'Ready')?.status === 'True',
    containers: readContainers(json),
    uses: readUses(json.spec),
    priority: numberAt(json, 'spec', 'priority') ?? 0,
    priorityClass: textAt(json, 'spec', 'priorityClassName'),
    qos: textAt(json, 'status', 'qosClass'),
    ownerRef: owner && {
      kind: owner.kind,
      ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
      name: owner.name,
    },
    workload: workloadOf(object),
    templateHash:
      labels['pod-template-hash'] ?? labels['controller-revision-hash'] ?? labels['pod-template-generation'] ?? '',
  }
}

/** A pod that is at work as it should be: every container that is meant to run does, ready, never restarted; or a finished one that succeeded. */
export function isHealthy(pod: Pod): boolean {
  if (pod.deleted !== undefined) return false
  if (pod.phase === 'Succeeded') return true
  const isCalm = pod.containers.every((one) => one.restarts === 0 && one.state.kind !== 'waiting')
  return pod.phase === 'Running' && pod.ready && isCalm
}

/** Whether a pod finds no node. */
export function waitsForNode({ phase, node, deleted }: Pod): boolean {
  return phase === 'Pending' && node === '' && deleted === undefined
}

/** A pod that is neither over nor on its way out, whether it works or not. */
export function isAlive({ deleted, phase }: Pod): boolean {
  return deleted === undefined && phase !== 'Failed' && phase !== 'Succeeded'
}

/** A pod that should run now and does not do its work: neither finished nor ready nor on its way out. */
export function isFailing(pod: Pod): boolean {
  if (pod.deleted !== undefined || pod.phase === 'Succeeded') return false
  return pod.phase !== 'Running' || !pod.ready
}

/** Whether a pod has no network of its own: it has its node's addresses, and what it does is counted with the node's own programs. */
export function isOnHostNetwork({ json }: Pick<Pod, 'json'>): boolean {
  return isTrueAt(json, 'spec', 'hostNetwork')
}
