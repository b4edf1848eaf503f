import { type KubeClient, KubeError } from '../kube/client.ts'

/**
 * Images that have all that a probe runs (sh, awk, find, head, tail, tar, timeout, xargs), by repository, the smallest first: busybox, and
 * those that bring it along (Alpine: main/busybox is part of its base; netshoot is built on Alpine, nicolaka/netshoot, Dockerfile).
 */
const KNOWN = [
  'docker.io/library/busybox',
  'public.ecr.aws/docker/library/busybox',
  'docker.io/library/alpine',
  'public.ecr.aws/docker/library/alpine',
  'docker.io/nicolaka/netshoot',
]

interface NodeList {
  readonly items?: readonly {
    readonly status?: { readonly images?: readonly { readonly names?: readonly string[] }[] }
  }[]
}

/** An image on the node itself in which a probe can run; throws KubeError where none is known. */
export async function findProbeImage(
  kube: Pick<KubeClient, 'get'>,
  node: string,
  signal: AbortSignal,
): Promise<string> {
  // As a list, because whoever captures may list nodes and need not be allowed to get one.
  const query = new URLSearchParams({ fieldSelector: `metadata.name=${node}`, resourceVersion: '0' })
  const answer = await kube.get(`/api/v1/nodes?${query}`, { signal, verb: 'list' })
  const { items = [] } = JSON.parse(answer.body.toString()) as NodeList
  const names = items.flatMap(({ status }) => status?.images?.flatMap((one) => one.names ?? []) ?? [])
  const image = KNOWN.flatMap((repository) => names.find((name) => repositoryOf(name) === repository) ?? [])[0]
  if (image !== undefined) return image
  throw new KubeError({
    message: `Node ${node} reports no image in which a probe is known to run: name one with --probe-image.`,
    status: 0,
    reason: 'NotFound',
  })
}

/** Without tag and digest. */
function repositoryOf(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^/:]*$/, '')
}
