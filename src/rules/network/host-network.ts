import { isTrueAt } from '../../incident/kubernetes.ts'
import type { Pod } from '../../incident/pod.ts'

/** Whether a pod has no network of its own: what it does is counted with the node's own programs. */
export function isOnHostNetwork({ json }: Pod): boolean {
  return isTrueAt(json, 'spec', 'hostNetwork')
}
