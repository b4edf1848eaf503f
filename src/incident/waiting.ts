import { type Citation, cite } from './citation.ts'
import type { Container } from './container.ts'
import type { Pod } from './pod.ts'

/** Reasons of containers that wait for an image. */
export const IMAGE_REASONS = [
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]

/** Reasons of containers that wait for what their definition names. */
export const CONFIG_REASONS = ['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']

/** Reasons of containers that wait for volumes, a network or init containers. */
export const CREATING_REASONS = ['ContainerCreating', 'PodInitializing']

/** Whether a container only waits for what it needs; some runtimes give no reason for that. */
export function isPreparing(reason: string): boolean {
  return reason === '' || CREATING_REASONS.includes(reason)
}

/** The first container of a pod that waits with one of these reasons; none of a pod on its way out. */
export function waitingContainer(pod: Pod, reasons: readonly string[]): Container | undefined {
  if (pod.deleted !== undefined) return undefined
  return pod.containers.find(({ state }) => state.kind === 'waiting' && reasons.includes(state.reason))
}

/** Cites the reason of the first container of a pod that waits for its image. */
export function citeImageWait(pod: Pod): readonly Citation[] {
  const container = waitingContainer(pod, IMAGE_REASONS)
  return container ? [citeWaiting(pod, container)] : []
}

/** Cites the reason that a container waits with. */
export function citeWaiting(pod: Pod, { statusPath = [] }: Container): Citation {
  return cite(pod, [...statusPath, 'state', 'waiting', 'reason'])
}
