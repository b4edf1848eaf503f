import { eviction } from '../messages/eviction.ts'
import type { MessageId } from '../messages/index.ts'
import { kernel } from '../messages/kernel.ts'
import { kubelet } from '../messages/kubelet.ts'
import { nodeLifecycle } from '../messages/node-lifecycle.ts'
import { type Found, makeRecogniser } from '../messages/recogniser.ts'
import type { Writer } from './log-files.ts'

/**
 * What the kubelet says in its log of its node, and not of one of its pods. A log repeats much that events and conditions say better; these have no
 * event, or the node's conditions are too old to tell.
 */
const OF_KUBELET = {
  'pleg-unhealthy': nodeLifecycle['pleg-unhealthy'],
  'container-runtime-down': nodeLifecycle['container-runtime-down'],
  'image-gc-failed': eviction['image-gc-failed'],
  'image-disk-full': eviction['image-disk-full'],
  'slow-disk-usage': kubelet['slow-disk-usage'],
} satisfies Partial<Record<MessageId, unknown>>

/** What is true as long as it is said: the kubelet says it again every few seconds (pkg/kubelet/kubelet.go, syncLoop). */
const STATES: ReadonlySet<MessageId> = new Set(['pleg-unhealthy', 'container-runtime-down'])

/** A kubelet that starts has not looked yet, and says so with the same words. */
const STARTING = /pleg has yet to be successful|runtime status check may not have completed yet/

/** What a program answered to its probe is quoted. */
const QUOTED = /[Pp]robe failed|probeResult=/

const recogniseKernel = makeRecogniser<keyof typeof kernel>(kernel)
const recogniseKubelet = makeRecogniser<keyof typeof OF_KUBELET>(OF_KUBELET)

/** What a line means that its writer wrote of the node. */
export function meaningsOf(writer: Writer, text: string): readonly Found<MessageId>[] {
  if (writer === 'kernel') return recogniseKernel(text)
  return STARTING.test(text) || QUOTED.test(text) ? [] : recogniseKubelet(text)
}

/** Whether it is a state that is over when it is no longer said. */
export function isStateOfNode(id: MessageId): boolean {
  return STATES.has(id)
}
