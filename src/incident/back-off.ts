/** The kubelet waits so long before it starts a container again, then twice as long each time (pkg/kubelet/kubelet.go: backOffPeriod). */
const FIRST_BACK_OFF = 10 * 1000

/** The longest back-off of a crash loop (kuberuntime: MaxContainerBackOff). */
export const LONGEST_BACK_OFF = 5 * 60 * 1000

/** A container that has run this long is out of its crash loop: the kubelet forgets its back-off then (kuberuntime: twice MaxContainerBackOff). */
export const LOOP_WINDOW = 2 * LONGEST_BACK_OFF

/** How long the kubelet waited in all before it started a container so many times again, in milliseconds. */
export function backOffsOf(restarts: number): number {
  let waited = 0
  for (let turn = 0; turn < restarts; turn++) waited += Math.min(FIRST_BACK_OFF * 2 ** turn, LONGEST_BACK_OFF)
  return waited
}
