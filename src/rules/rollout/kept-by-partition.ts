import { numberAt } from '../../incident/kubernetes.ts'
import type { Pod } from '../../incident/pod.ts'
import type { Workload } from '../../incident/workload.ts'

/** Whether a pod lies below the partition of its StatefulSet: it keeps, and is made anew with, the template from before, on purpose. */
export function isKeptByPartition({ ref, object }: Pick<Workload, 'ref' | 'object'>, pod: Pod): boolean {
  const partition = numberAt(object?.json, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0
  return ref.kind === 'StatefulSet' && Number(/-(\d+)$/.exec(pod.ref.name)?.[1] ?? partition) < partition
}
