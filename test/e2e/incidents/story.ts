import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { kubectl, kubectlRaw } from '../cluster/kubectl.ts'
import { waitFor } from '../cluster/workloads.ts'

/** An incident that can be told again: what is done to the healthy shop, until it shows. */
export interface Story {
  /** Its folder in `fixtures/incidents/`. */
  readonly name: string
  tell(): Promise<void>
}

/** A container as pods tell of it. */
export interface ContainerStatus {
  readonly restartCount: number
  readonly state: { readonly waiting?: { readonly reason: string } }
  readonly lastState: { readonly terminated?: { readonly exitCode: number } }
}

interface Pod {
  readonly status: {
    readonly phase: string
    readonly conditions?: readonly { readonly type: string; readonly reason?: string }[]
    readonly containerStatuses?: readonly ContainerStatus[]
  }
}

/** Where an incident's README, bundle and changed manifests lie. */
export function incidentFolder(name: string): string {
  return join(import.meta.dirname, '..', '..', '..', 'fixtures', 'incidents', name)
}

/** Applies one of the incident's changed manifests. */
export async function applyChange(story: string, file: string): Promise<void> {
  await kubectl(['apply', '-f', join(incidentFolder(story), 'changes', file)])
}

/** Lets time pass, so that what follows has an order in events that count in seconds. */
export function pass(seconds: number): Promise<void> {
  return sleep(seconds * 1000)
}

/** The pods with the label `app`. */
export async function podsOf(namespace: string, app: string): Promise<readonly Pod[]> {
  const list = await kubectlRaw<{ items: readonly Pod[] }>(
    `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${app}`,
  )
  return list.items
}

/** Waits until the statuses of a workload's containers hold what is expected. */
export function waitForContainers(
  what: string,
  [namespace, app]: readonly [string, string],
  holds: (containers: readonly ContainerStatus[]) => boolean,
): Promise<void> {
  return waitFor(what, async () => {
    const pods = await podsOf(namespace, app)
    return holds(pods.flatMap((pod) => pod.status.containerStatuses ?? []))
  })
}

/** Whether a Deployment has given up on its rollout. */
export async function hasStuckRollout(namespace: string, name: string): Promise<boolean> {
  const { status } = await kubectlRaw<Pod>(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`)
  return status.conditions?.some((one) => one.reason === 'ProgressDeadlineExceeded') ?? false
}
