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

interface NodeObject {
  readonly status?: { readonly images?: readonly { readonly names?: readonly string[] }[] }
}

/** An image on the node itself in which a probe can run; throws KubeError where none is known. */
export async function findProbeImage(
  kube: Pick<KubeClient, 'get'>,
  node: string,
  signal: AbortSignal,
): Promise<string> {
  const answer = await kube.get(`/api/v1/nodes/${encodeURIComponent(node)}`, { signal, verb: 'get' })
  const names =
    (JSON.parse(answer.body.toString()) as NodeObject).status?.images?.flatMap((one) => one.names ?? []) ?? []
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
