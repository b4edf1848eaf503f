import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { WORK_DIR } from '../cluster/cluster.ts'
import { kubectl, kubectlRaw } from '../cluster/kubectl.ts'
import { waitFor } from '../cluster/workloads.ts'

/** An incident that can be told again: what is done to the healthy shop, until it shows. */
export interface Story {
  /** Its folder in `fixtures/incidents/`. */
  readonly name: string
  /** Added to the API server's flags, where the story would take too long otherwise. */
  readonly flags?: readonly string[]
  /** Whether something that happens here keeps a capture from reading everything. */
  readonly partial?: boolean
  /** What the nodes are asked too, all of them and twice, by probes: collectors. Without it, what a capture asks of suspect nodes. */
  readonly nodes?: readonly string[]
  tell(): Promise<void>
  /** Ends what the story keeps on doing while it is captured. */
  end?(): Promise<void>
}

/** A container as pods tell of it. */
export interface ContainerStatus {
  readonly restartCount: number
  readonly containerID?: string
  readonly state: { readonly waiting?: { readonly reason: string }; readonly running?: unknown }
  readonly lastState: { readonly terminated?: { readonly exitCode: number; readonly reason?: string } }
}

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
}

/** A pod, as far as stories look at it. */
export interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string }
  readonly spec: { readonly nodeName?: string; readonly containers: readonly { readonly image: string }[] }
  readonly status: {
    readonly phase: string
    readonly reason?: string
    readonly conditions?: readonly Condition[]
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
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

/** Applies what only the recorder can write: it holds what is different in each recording. */
export async function applyObject(object: unknown): Promise<void> {
  const path = join(WORK_DIR, 'object.json')
  await writeFile(path, JSON.stringify(object))
  await kubectl(['apply', '-f', path])
  await rm(path)
}

/** Lets time pass, so that what follows has an order in events that count in seconds. */
export function pass(seconds: number): Promise<void> {
  return sleep(seconds * 1000)
}

/** The pods with the label `app`, or `k8s-app`, as those of the cluster itself have it. */
export async function podsOf(namespace: string, app: string): Promise<readonly Pod[]> {
  const label = namespace === 'kube-system' ? 'k8s-app' : 'app'
  const list = await kubectlRaw<{ items: readonly Pod[] }>(
    `/api/v1/namespaces/${namespace}/pods?labelSelector=${label}%3D${app}`,
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

/** Whether a pod is Ready. */
export function isReady({ status }: Pod): boolean {
  return status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false
}

/** Waits until the pods of a workload are as expected. */
export function waitForPods(
  what: string,
  [namespace, app]: readonly [string, string],
  holds: (pods: readonly Pod[]) => boolean,
): Promise<void> {
  return waitFor(what, async () => holds(await podsOf(namespace, app)))
}

/** Waits until events of a namespace have said this so many times. */
export function waitForEvents(what: string, namespace: string, says: RegExp, times = 1): Promise<void> {
  return waitFor(what, async () => {
    const { items } = await kubectlRaw<{ items: readonly { reason: string; message: string; count?: number }[] }>(
      `/api/v1/namespaces/${namespace}/events`,
    )
    const said = items.filter((one) => says.test(`${one.reason}: ${one.message}`))
    return said.reduce((sum, one) => sum + (one.count ?? 1), 0) >= times
  })
}

/** Waits until the logs of a workload's pods have said this so many times. */
export function waitForLogs(
  what: string,
  [namespace, app]: readonly [string, string],
  says: RegExp,
  times = 1,
): Promise<void> {
  return waitFor(what, async () => {
    const args = ['logs', '-n', namespace, '-l', `app=${app}`, '--tail=400', '--prefix=false']
    const lines = (await kubectl(args).catch(() => '')).split('\n')
    return lines.filter((line) => says.test(line)).length >= times
  })
}

/** Waits until a rollout is through. */
export async function finishRollout(namespace: string, workload: string): Promise<void> {
  await kubectl(['rollout', 'status', workload, '-n', namespace, '--timeout=150s'])
}

/** Whether a Deployment has given up on its rollout. */
export async function hasStuckRollout(namespace: string, name: string): Promise<boolean> {
  const { status } = await kubectlRaw<Pod>(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`)
  return status.conditions?.some((one) => one.reason === 'ProgressDeadlineExceeded') ?? false
}
