import { kubectlRaw } from '../cluster/kubectl.ts'
import { NETWORK } from '../cluster/node.ts'
import { PLACE } from '../cluster/place.ts'
import { answerApi } from './answer-api.ts'

/** As the EndpointSlice of the Service `kube-system/metrics-server` says. */
const PORT = 7444

const GROUP_VERSION = 'metrics.k8s.io/v1beta1'

/** What a kubelet says of usage (`stats/summary`), as far as metrics-server tells it. */
interface Measured {
  readonly time?: string
  readonly cpu?: { readonly time: string; readonly usageNanoCores?: number }
  readonly memory?: { readonly workingSetBytes?: number }
}

interface Summary {
  readonly node: Measured & { readonly nodeName: string }
  readonly pods: readonly {
    readonly podRef: { readonly name: string; readonly namespace: string }
    readonly containers?: readonly (Measured & { readonly name: string })[]
  }[]
}

/** Answers for metrics-server, which is no part of the test cluster: what the kubelets measure, in its form. */
export function openUsage(): Promise<{ close(): void }> {
  const root = `/apis/${GROUP_VERSION}`
  return answerApi(PORT, async (path) => {
    if (path === root) return RESOURCES
    if (path === `${root}/nodes`) return list('NodeMetrics', (await summaries()).map(tellNode))
    if (path === `${root}/pods`) return list('PodMetrics', (await summaries()).flatMap(tellPods))
    return undefined
  })
}

const RESOURCES = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: GROUP_VERSION,
  resources: [
    { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
    { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
  ],
}

function summaries(): Promise<Summary[]> {
  return Promise.all(
    NETWORK.nodes.map((number) => kubectlRaw<Summary>(`/api/v1/nodes/${PLACE.node}${number}/proxy/stats/summary`)),
  )
}

function list(kind: string, items: readonly unknown[]): unknown {
  return { kind: `${kind}List`, apiVersion: GROUP_VERSION, metadata: {}, items }
}

function tellNode({ node }: Summary): unknown {
  return { metadata: { name: node.nodeName }, ...moment(node), usage: usage(node) }
}

function tellPods({ pods }: Summary): unknown[] {
  return pods.map(({ podRef, containers = [] }) => ({
    metadata: { name: podRef.name, namespace: podRef.namespace },
    ...moment(containers[0]),
    containers: containers.map((one) => ({ name: one.name, usage: usage(one) })),
  }))
}

function moment(measured: Measured | undefined): { timestamp: string; window: string } {
  return { timestamp: measured?.cpu?.time ?? new Date().toISOString(), window: '10s' }
}

function usage({ cpu, memory }: Measured): { cpu: string; memory: string } {
  return { cpu: `${cpu?.usageNanoCores ?? 0}n`, memory: `${Math.round((memory?.workingSetBytes ?? 0) / 1024)}Ki` }
}
