import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { kubectl, kubectlRaw } from './kubectl.ts'

const FOLDER = join(import.meta.dirname, '..', 'workloads')

/** Time until every scenario must show what it is there for. */
const PATIENCE_MS = 180_000

interface Container {
  name: string
  restartCount: number
  state?: Record<string, { reason?: string }>
  lastState?: { terminated?: { reason?: string } }
}

interface Pod {
  metadata: { name: string; deletionTimestamp?: string }
  status: {
    phase: string
    reason?: string
    conditions?: { type: string; status: string; reason?: string }[]
    containerStatuses?: Container[]
    initContainerStatuses?: Container[]
    ephemeralContainerStatuses?: Container[]
  }
}

/** What each pod of `broken` must look like before tests begin. */
const SYMPTOMS: Readonly<Record<string, (pod: Pod) => boolean>> = {
  'crash-loop': (pod) => restarts(pod, 'app') >= 1,
  'oom-kill': (pod) => pod.status.containerStatuses?.[0]?.lastState?.terminated?.reason === 'OOMKilled',
  'image-missing': (pod) => /ImagePull/.test(pod.status.containerStatuses?.[0]?.state?.waiting?.reason ?? ''),
  'cpu-throttled': isRunning,
  'init-failure': (pod) => (pod.status.initContainerStatuses?.[0]?.restartCount ?? 0) >= 1,
  'second-restarts': (pod) => restarts(pod, 'restarting') >= 1 && restarts(pod, 'steady') === 0,
  sidecar: isRunning,
  debugged: (pod) => pod.status.ephemeralContainerStatuses?.[0]?.state?.running !== undefined,
  'stuck-finalizer': (pod) => pod.metadata.deletionTimestamp !== undefined,
  unschedulable: (pod) => pod.status.conditions?.some((one) => one.reason === 'Unschedulable') ?? false,
  evicted: (pod) => pod.status.reason === 'Evicted',
  completed: (pod) => pod.status.phase === 'Succeeded',
  'long-line': isRunning,
  'invalid-utf8': isRunning,
}

/** Applies every workload and waits until each shows its symptom. Can be run again. */
export async function applyWorkloads(): Promise<void> {
  await kubectl(['apply', '-f', join(FOLDER, 'namespaces.yaml')])
  await waitFor('service accounts', hasServiceAccounts)
  await kubectl(['apply', '-f', FOLDER])
  await kubectl(['rollout', 'status', 'daemonset/node-agent', '-n', 'kube-system', '--timeout=60s'])
  await kubectl(['rollout', 'status', 'deployment/name-server', '-n', 'kube-system', '--timeout=60s'])
  await kubectl(['wait', '--for=condition=Established', 'crd/orders.example.com', '--timeout=30s'])
  await kubectl(['apply', '-f', join(FOLDER, 'later')])
  await waitFor('debugged to run', async () => isRunning(await readPod('debugged')))
  await waitFor('stuck-finalizer to run', async () => {
    const pod = await readPod('stuck-finalizer')
    return isRunning(pod) || pod.metadata.deletionTimestamp !== undefined
  })
  if (!(await readPod('debugged')).status.ephemeralContainerStatuses) {
    const container = {
      name: 'debugger',
      image: 'docker.io/library/busybox:1.36',
      command: ['sh', '-c', 'echo looking around; sleep 86400'],
    }
    const patch = JSON.stringify({ spec: { ephemeralContainers: [container] } })
    await kubectl([
      'patch',
      'pod',
      'debugged',
      '-n',
      'broken',
      '--subresource=ephemeralcontainers',
      '--type=strategic',
      '-p',
      patch,
    ])
  }
  await kubectl(['delete', 'pod', 'stuck-finalizer', '-n', 'broken', '--wait=false'])
  await waitForSymptoms()
  await kubectl(['wait', '--for=condition=Available', 'deployment', '--all', '-A', '--timeout=120s'])
}

/** Pods are refused until a controller has made their namespace's default service account. */
async function hasServiceAccounts(): Promise<boolean> {
  const { items } = await kubectlRaw<{ items: { metadata: { namespace: string } }[] }>('/api/v1/serviceaccounts')
  const namespaces = new Set(items.map((one) => one.metadata.namespace))
  return ['broken', 'shop', 'other'].every((name) => namespaces.has(name))
}

/** Waits until every scenario shows what it is there for; rejects with the names of those that do not. */
export async function waitForSymptoms(): Promise<void> {
  let missing: string[] = []
  try {
    await waitFor('all symptoms', async () => {
      const { items } = await kubectlRaw<{ items: Pod[] }>('/api/v1/namespaces/broken/pods')
      const shows = (name: string) => items.some((pod) => pod.metadata.name === name && SYMPTOMS[name]?.(pod))
      missing = Object.keys(SYMPTOMS).filter((name) => !shows(name))
      return missing.length === 0
    })
  } catch {
    throw new Error(`Workloads without their symptom after ${PATIENCE_MS / 1000} s: ${missing.join(', ')}`)
  }
}

/** Polls until a condition holds; rejects after PATIENCE_MS. */
export async function waitFor(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
    if (await holds()) return
    await sleep(500)
  }
  throw new Error(`Waited in vain for ${what}.`)
}

function readPod(name: string): Promise<Pod> {
  return kubectlRaw<Pod>(`/api/v1/namespaces/broken/pods/${name}`)
}

function isRunning(pod: Pod): boolean {
  return pod.status.phase === 'Running' && (pod.status.containerStatuses?.every((one) => one.state?.running) ?? false)
}

function restarts(pod: Pod, container: string): number {
  return pod.status.containerStatuses?.find((one) => one.name === container)?.restartCount ?? 0
}
