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
  close(): Promise<void>
}

/** An answer of a kubelet, and how it came. */
export interface KubeletResponse extends KubeResponse {
  readonly way: KubeletWay
}

/** The kubelets of a cluster, asked with the credential of the connection; nobody else ever holds it. */
export interface Kubelets {
  open(node: KubeletNode, options: KubeletOptions): Kubelet
}

export interface KubeletOptions {
  /** Whether the API server's proxy may be used: it asks for `nodes/proxy`, which equals exec in every container of the node. */
  readonly proxy: boolean
  readonly signal: AbortSignal
}
