import type { KubeClient } from '../kube/client.ts'
import { forgive } from '../kube/forgive.ts'
import { isLeftBehind, LABELS, type OldJob } from './probe-job.ts'

/** Removes probes that earlier runs have left and that neither their deadline nor their TTL has removed; those of a run that may still be alive stay. */
export async function sweepProbes(
  kube: Pick<KubeClient, 'get' | 'delete'>,
  namespace: string,
  signal: AbortSignal,
): Promise<void> {
  const selector = Object.entries(LABELS).map(([name, value]) => `${name}=${value}`)
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`
  const query = new URLSearchParams({ labelSelector: selector.join() })
  const answer = await kube.get(`${jobs}?${query}`, { signal, verb: 'list' })
  const now = Date.parse(answer.serverDate ?? '') || answer.at.getTime()
  const { items = [] } = JSON.parse(answer.body.toString()) as { items?: readonly OldJob[] }
  for (const { metadata } of items.filter((job) => isLeftBehind(job, now))) {
    const body = { propagationPolicy: 'Background', preconditions: { uid: metadata.uid } }
    // Its TTL, or another run, was faster; or one of the same name is another's (409, the precondition).
    await kube.delete(`${jobs}/${metadata.name}`, body, { signal, verb: 'delete' }).catch(forgive(404, 409))
  }
}
