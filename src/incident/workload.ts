import { type Condition, readConditions } from './condition.ts'
import { numberAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import type { Pod } from './pod.ts'
import type { Ref } from './reference.ts'

/** What pods belong to at the top of their owners: a Deployment, StatefulSet, DaemonSet, Job, CronJob, custom resource, or a pod of its own. */
export interface Workload {
  readonly ref: Ref
  /** Undefined where the object itself was not captured. */
  readonly object: KubeObject | undefined
  readonly pods: readonly Pod[]
  /** Of a Deployment, newest last; empty for other kinds. */
  readonly replicaSets: readonly ReplicaSet[]
  /** Of a StatefulSet or DaemonSet, newest last; empty for other kinds, and where they were not captured. */
  readonly revisions: readonly Revision[]
  readonly desired: number | undefined
  readonly readyReplicas: number | undefined
  readonly conditions: readonly Condition[]
}

/** One generation of a Deployment's template. */
export interface ReplicaSet {
  readonly object: KubeObject
  readonly revision: number
  readonly templateHash: string
  readonly desired: number
  readonly ready: number
}

/** One generation of the template of a StatefulSet or DaemonSet: a ControllerRevision, which holds the template in `data.spec.template`. */
export interface Revision {
  readonly object: KubeObject
  readonly revision: number
  /** What its pods carry in the label `controller-revision-hash`: of a StatefulSet the name, of a DaemonSet the end of it. */
  readonly templateHash: string
}

/** Reads a workload from its object, its ReplicaSets or revisions and its pods. */
export function readWorkload(
  ref: Ref,
  object: KubeObject | undefined,
  pods: readonly Pod[],
  replicaSets: readonly KubeObject[],
  revisions: readonly KubeObject[] = [],
): Workload {
  return {
    ref,
    object,
    pods,
    replicaSets: replicaSets
      .map(readReplicaSet)
      .sort((a, b) => a.revision - b.revision || (a.object.created ?? 0) - (b.object.created ?? 0)),
    revisions: revisions.map(readRevision).sort((a, b) => a.revision - b.revision),
    desired: object && desiredOf(object),
    readyReplicas:
      object &&
      (numberAt(object.json, 'status', 'readyReplicas') ?? numberAt(object.json, 'status', 'numberReady') ?? 0),
    conditions: object ? readConditions(object.json) : [],
  }
}

function readRevision(object: KubeObject): Revision {
  return {
    object,
    revision: numberAt(object.json, 'revision') ?? 0,
    templateHash: object.labels['controller-revision-hash'] ?? object.ref.name,
  }
}

function readReplicaSet(object: KubeObject): ReplicaSet {
  return {
    object,
    revision: Number(object.annotations['deployment.kubernetes.io/revision'] ?? 0),
    templateHash: object.labels['pod-template-hash'] ?? '',
    desired: numberAt(object.json, 'spec', 'replicas') ?? 0,
    ready: numberAt(object.json, 'status', 'readyReplicas') ?? 0,
  }
}

function desiredOf({ ref, json }: KubeObject): number | undefined {
  if (ref.kind === 'DaemonSet') return numberAt(json, 'status', 'desiredNumberScheduled')
  if (ref.kind === 'Job') return numberAt(json, 'spec', 'parallelism') ?? 1
  const replicas = numberAt(json, 'spec', 'replicas')
  return replicas ?? (['Deployment', 'StatefulSet'].includes(ref.kind) ? 1 : undefined)
}
