import { join } from 'node:path'
import { kubectl, kubectlRaw } from '../cluster/kubectl.ts'
import { waitFor } from '../cluster/workloads.ts'

/** The namespace of the objects that do not move. */
export const QUIET = 'replayed'

/** Makes them, as they settle only once: a second revision of the deployment, a pod in its second life, a finished job. */
export async function createQuiet(): Promise<void> {
  await removeQuiet()
  await kubectl(['create', '-f', join(import.meta.dirname, 'quiet.yaml')])
  await inQuiet('rollout', 'status', 'deployment/web', '--timeout=60s')
  const template = { spec: { template: { metadata: { labels: { revision: 'two' } } } } }
  await inQuiet('patch', 'deployment', 'web', '-p', JSON.stringify(template))
  await inQuiet('rollout', 'status', 'deployment/web', '--timeout=60s')
  await inQuiet('wait', '--for=condition=complete', 'job/once', '--timeout=60s')
  await inQuiet('wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/finished', '--timeout=60s')
  await waitFor('the pods of the first revision to go', async () => {
    const pods = await kubectlRaw<{ items: unknown[] }>(`/api/v1/namespaces/${QUIET}/pods?labelSelector=app=web`)
    return pods.items.length === 2
  })
  await waitForSilence()
}

/** Removes them, and waits until they are gone. */
export async function removeQuiet(): Promise<void> {
  await kubectl(['delete', 'namespace', QUIET, '--ignore-not-found'])
}

function inQuiet(...args: string[]): Promise<string> {
  return kubectl(['-n', QUIET, ...args])
}

/** Events of the last changes are written some moments after them. */
async function waitForSilence(): Promise<void> {
  let last = ''
  await waitFor('silence', async () => {
    const versions = await Promise.all(['events', 'pods', 'endpoints', 'resourcequotas'].map(versionsOf))
    const isSilent = versions.join() === last
    last = versions.join()
    return isSilent
  })
}

async function versionsOf(resource: string): Promise<string> {
  const path = `/api/v1/namespaces/${QUIET}/${resource}`
  const { items } = await kubectlRaw<{ items: { metadata: { resourceVersion: string } }[] }>(path)
  return items.map(({ metadata }) => metadata.resourceVersion).join()
}
