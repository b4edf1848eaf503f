import type { KubeClient } from '../../kube/client.ts'
import { forgive } from '../../kube/forgive.ts'
import { DIAGNOSTICS, type DiagnosticObject, isLeftBehind, LABELS } from './diagnostic-object.ts'

/** Removes NodeDiagnostics that earlier runs have left; those of a run that may still be alive stay. An agent that starts anew would serve each of them again. */
export async function sweepDiagnostics(kube: Pick<KubeClient, 'get' | 'delete'>, signal: AbortSignal): Promise<void> {
  const labelSelector = Object.entries(LABELS).map(([name, value]) => `${name}=${value}`)
  const query = new URLSearchParams({ labelSelector: labelSelector.join() })
  const answer = await kube.get(`${DIAGNOSTICS}?${query}`, { signal, verb: 'list' })
  const now = Date.parse(answer.serverDate ?? '') || answer.at.getTime()
  const { items = [] } = JSON.parse(answer.body.toString()) as { items?: readonly DiagnosticObject[] }
  for (const { metadata } of items.filter((one) => isLeftBehind(one, now))) {
    const path = `${DIAGNOSTICS}/${encodeURIComponent(metadata.name)}`
    const body = { preconditions: { uid: metadata.uid } }
    await kube.delete(path, body, { signal, verb: 'delete' }).catch(forgive(404, 409))
  }
}
