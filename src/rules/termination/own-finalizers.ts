/** Finalizers that Kubernetes sets and takes off itself: its garbage collector, its namespaces, and its controller of Jobs. */
const OWN: readonly string[] = ['foregroundDeletion', 'orphan', 'kubernetes', 'batch.kubernetes.io/job-tracking']

/** Whether a finalizer is of Kubernetes itself, and no other controller keeps the object with it. */
export function isOfKubernetes(finalizer: string): boolean {
  return OWN.includes(finalizer)
}
