import { type Throttling, throttlingEver, throttlingNow } from '../../incident/counters/throttling.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'

/** A container of a pod, and how the kernel held it up while the capture ran. */
export interface ThrottledPod {
  readonly pod: Pod
  readonly throttling: Throttling
}

/** From this share of throttled periods on, work waits noticeably (kubernetes-mixin, CPUThrottlingHigh: 25 %). */
export const THROTTLED = 0.25

/** From this share on it stands still more often than not: then it is what makes it late (judgement). */
export const MOSTLY = 0.5

/** Below this share nobody waits (judgement: one period in twenty). */
const FREE = 0.05

/** Of some pods, the one whose container was throttled most between two samples; undefined where nobody counted. */
export function mostThrottled(incident: Incident, pods: readonly Pod[], container: string): ThrottledPod | undefined {
  return pods
    .flatMap((pod) => {
      const throttling = throttlingNow(incident.counters, pod.ref, container)
      return throttling === undefined || isOfOthers(pod, throttling) ? [] : [{ pod, throttling }]
    })
    .sort((a, b) => b.throttling.share - a.throttling.share || (a.pod.ref.name < b.pod.ref.name ? -1 : 1))[0]
}

/** Of some pods, the one whose container was throttled most, where it waits noticeably for that. */
export function heldUp(incident: Incident, pods: readonly Pod[], container: string): ThrottledPod | undefined {
  const most = mostThrottled(incident, pods, container)
  return most && most.throttling.share >= THROTTLED ? most : undefined
}

/** The cgroup around a pod of several containers does not say which of them it held up. */
function isOfOthers({ containers }: Pod, { isWholePod }: Throttling): boolean {
  return isWholePod && containers.filter(({ role }) => role === 'main' || role === 'sidecar').length > 1
}

/** Whether the kernel lets a container run, between the samples and ever since it started. */
export function isFree(incident: Incident, { pod, throttling }: ThrottledPod, container: string): boolean {
  const ever = throttlingEver(incident.counters, pod.ref, container)
  return throttling.share < FREE && (ever === undefined || ever.share < FREE)
}

/** `the kernel held it up in 150 of 150 periods (100 %) within 15 s`. */
export function tellThrottling({ periods, throttled, share, seconds, isWholePod }: Throttling): string {
  const when = seconds === undefined ? 'since it started' : `within ${Math.round(seconds)} s`
  return `the kernel held ${isWholePod ? 'its pod' : 'it'} up in ${throttled} of ${periods} periods of its quota (${Math.round(share * 100)} %) ${when}`
}
