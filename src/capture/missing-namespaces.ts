import type { KubeClient } from '../sources/kube/client.ts'

/**
 * Which of the namespaces asked for do not exist: the lists of such a one are empty, not refused, and a misspelt name would pass for
 * health. Asked by a list, because that is what the role grants; where it is denied, none is known to be missing.
 */
export async function missingNamespaces(
  kube: KubeClient,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const known = await Promise.all(namespaces.map((namespace) => isMissing(kube, namespace, signal)))
  return namespaces.filter((_, index) => known[index])
}

async function isMissing(kube: KubeClient, namespace: string, signal: AbortSignal): Promise<boolean> {
  const path = `/api/v1/namespaces?fieldSelector=metadata.name%3D${namespace}`
  try {
    const { body } = await kube.get(path, { signal, verb: 'list' })
    const { items } = JSON.parse(body.toString()) as { items?: unknown }
    return Array.isArray(items) && items.length === 0
  } catch {
    return false
  }
}
