import type { PoolRequest } from '../kube/ask-pool.ts'
import type { KubeResponse } from '../kube/client.ts'

/**
 * How a kubelet was reached. `direct`: at the node's address. `port-forward`: at its own port, through a pod that has the node's network.
 * `proxy`: by the API server, with the API server's credentials.
 */
export type KubeletWay = 'direct' | 'port-forward' | 'proxy'

/** Where a kubelet is. */
export interface KubeletNode {
  readonly name: string
  /** `status.addresses`, the internal ones first; also the names that its certificate may be for. */
  readonly addresses: readonly string[]
  /** `status.daemonEndpoints.kubeletEndpoint.Port`, 10250 unless somebody chose another. */
  readonly port: number
  /** Running pods with the node's network; resolves when they are known, or nobody will ever know. */
  forwarders(): Promise<readonly { readonly namespace: string; readonly pod: string }[]>
}

/** The kubelet of one node. */
export interface Kubelet {
  /** Asks it, by the first way that leads there. Throws KubeError; where no way does, with what each of them met. */
  get(path: string, request: PoolRequest): Promise<KubeletResponse>
}

/** An answer of a kubelet, and how it came. */
export interface KubeletResponse extends KubeResponse {
  readonly way: KubeletWay
}

/** The kubelets of a cluster, asked with the credential of the connection; nobody else ever holds it. */
export interface Kubelets {
  /** The kubelet of a node; nothing is asked yet, and the same node gets the same one. */
  of(node: KubeletNode): Kubelet
  /** The ways that are tried, in this order. */
  readonly ways: readonly KubeletWay[]
  close(): Promise<void>
}
