import { type KubeClient, KubeError } from '../kube/client.ts'
import type { Tool } from './inside.ts'

/** A container of a running pod that has the node's network. */
export interface ToolPod {
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

/**
 * Containers that bring the programs along, the least powerful first: aws-node has NET_ADMIN, kube-proxy is privileged. Both are built on the
 * minimal base of EKS Distro with iptables, which has conntrack, iptables and, of glibc, iconv, but no shell (aws/eks-distro-build-tooling,
 * eks-distro-base; aws/amazon-vpc-cni-k8s, Makefile); kube-proxy of Kubernetes itself on distroless-iptables, which has conntrack and iptables
 * (kubernetes/release, images/build/distroless-iptables).
 */
const CONTAINERS = ['aws-node', 'kube-proxy'] as const

/** Where the programs are, so that no search path is needed: the images have it, or not. */
export const PATHS: Readonly<Record<Tool, string>> = {
  conntrack: '/usr/sbin/conntrack',
  iconv: '/usr/bin/iconv',
}

interface PodList {
  readonly items?: readonly {
    readonly metadata: { readonly name: string }
    readonly spec: { readonly hostNetwork?: boolean; readonly containers: readonly { readonly name: string }[] }
    readonly status?: { readonly phase?: string }
  }[]
}

/** The pods of a node in which the programs can be run; throws KubeError where there is none. */
export async function findToolPods(
  kube: Pick<KubeClient, 'get'>,
  node: string,
  signal: AbortSignal,
): Promise<[ToolPod, ...ToolPod[]]> {
  // From the watch cache: it costs the server nothing, and a pod of the system is seldom new.
  const query = new URLSearchParams({ fieldSelector: `spec.nodeName=${node}`, resourceVersion: '0' })
  const answer = await kube.get(`/api/v1/namespaces/kube-system/pods?${query}`, { signal, verb: 'list' })
  const { items = [] } = JSON.parse(answer.body.toString()) as PodList
  const known = items.filter(({ spec }) => spec.hostNetwork === true && spec.containers.some(hasTools))
  const running = known.filter(({ status }) => status?.phase === 'Running')
  const [first, ...others] = CONTAINERS.flatMap((container) =>
    running
      .filter(({ spec }) => spec.containers.some(({ name }) => name === container))
      .map(({ metadata }) => ({ namespace: 'kube-system', pod: metadata.name, container })),
  )
  if (first) return [first, ...others]
  const looked = `looked for ${CONTAINERS.join(' and ')} in kube-system`
  throw new KubeError({
    message: `No pod of node ${node} that is known to have the programs ${known.length > 0 ? 'is running' : 'exists'}: ${looked}.`,
    status: known.length > 0 ? 0 : 404,
    reason: 'Unreachable',
  })
}

function hasTools({ name }: { readonly name: string }): boolean {
  return CONTAINERS.some((container) => container === name)
}
