import type { NodeTarget, Observed, ObservedNode, ObservedPod, PodOfNode } from '../collector.ts'
import type { CaptureOptions } from './options.ts'
import { describeNode, describeSickness } from './suspects.ts'

/** Nodes that are chosen because of what runs on them, at most; those that are sick themselves are always chosen. */
const MOST_HOSTS = 20

/** Healthy nodes of a pool that the sick ones are compared with. */
const CONTROLS = 2

/** Controls of so many pools: there are clusters with a pool for every team. */
const MOST_POOLS = 10

/** Pods of a node that are kept to reach it through. */
const FORWARDERS = 2

/**
 * Taints of a node that is about to go (Karpenter, cluster autoscaler, node lifecycle controller, cloud provider); a cordon is
 * `spec.unschedulable`.
 */
const LEAVING =
  /^(karpenter\.sh\/disrupt|ToBeDeletedByClusterAutoscaler|DeletionCandidateOfClusterAutoscaler|node\.kubernetes\.io\/(unreachable|not-ready|out-of-service)|node\.cloudprovider\.kubernetes\.io\/shutdown|aws-node-termination-handler)/

/** Decides whose kubelets are asked, from the objects that pass by. */
export interface ChosenNodes {
  /** The nodes that this observation makes worth asking at once; each node is returned once in a run. */
  see(observed: Observed): NodeTarget[]
  /** Tells that all pods and nodes have been seen; gives those that host what fails, and the controls. */
  settle(): NodeTarget[]
}

/** Creates the choice of one run. */
export function chooseNodes(policy: CaptureOptions['nodes']): ChosenNodes {
  const nodes = new Map<string, ObservedNode>()
  const chosen = new Set<string>()
  const failing = new Map<string, { pods: number; first: string }>()
  const forwarders = new Map<string, Forwarder[]>()
  const pods = new Map<string, Map<string, PodOfNode>>()
  const settled = Promise.withResolvers<void>()

  function take(node: ObservedNode, suspect: boolean, reason: string): NodeTarget[] {
    if (chosen.has(node.name)) return []
    chosen.add(node.name)
    const { name, addresses, kubeletPort: port, heal } = node
    const ways = { forwarders: () => forwardersOf(name), pods: () => podsOf(name) }
    return [{ name, addresses, port, suspect, reason, ...ways, ...(heal ? { heal } : {}) }]
  }

  async function podsOf(name: string) {
    await settled.promise
    return [...(pods.get(name)?.values() ?? [])]
  }

  /** A pod that was already seen leads there at once. */
  async function forwardersOf(name: string) {
    if (!forwarders.has(name)) await settled.promise
    return (forwarders.get(name) ?? []).map(({ namespace, pod }) => ({ namespace, pod }))
  }

  function seePod(pod: ObservedPod): void {
    if (pod.nodeName === undefined) return
    if (pod.change === 'DELETED') return void pods.get(pod.nodeName)?.delete(pod.uid)
    if (pod.hostNetwork === true && pod.phase === 'Running') keepForwarder(pod.nodeName, pod)
    const sickness = describeSickness(pod)
    keepPod(pod.nodeName, pod, sickness !== undefined)
    if (sickness === undefined) return
    const known = failing.get(pod.nodeName) ?? { pods: 0, first: `${pod.namespace}/${pod.name} ${sickness}` }
    known.pods++
    failing.set(pod.nodeName, known)
  }

  function keepPod(node: string, { namespace, name, uid }: ObservedPod, suspect: boolean): void {
    const known = pods.get(node) ?? new Map<string, PodOfNode>()
    pods.set(node, known.set(uid, { namespace, name, uid, suspect }))
  }

  function keepForwarder(node: string, pod: ObservedPod): void {
    const known = (forwarders.get(node) ?? []).filter((one) => one.pod !== pod.name || one.namespace !== pod.namespace)
    const best = [...known, { namespace: pod.namespace, pod: pod.name, rank: rankForwarder(pod) }]
    forwarders.set(node, best.sort((a, b) => a.rank - b.rank).slice(0, FORWARDERS))
  }

  function seeNode(node: ObservedNode): NodeTarget[] {
    nodes.set(node.name, node)
    const sickness = describeNode(node) ?? describeLeaving(node)
    if (policy === 'all') return take(node, sickness !== undefined, sickness ?? '--nodes all')
    if (policy !== 'suspects') {
      return policy.includes(node.name) ? take(node, sickness !== undefined, sickness ?? '--nodes') : []
    }
    return sickness === undefined ? [] : take(node, true, sickness)
  }

  function takeHosts(): NodeTarget[] {
    const hosts = [...failing].sort(([, a], [, b]) => b.pods - a.pods).slice(0, MOST_HOSTS)
    return hosts.flatMap(([name, { pods, first }]) => {
      const node = nodes.get(name)
      return node ? take(node, true, pods === 1 ? `hosts ${first}` : `hosts ${pods} failing pods`) : []
    })
  }

  function takeControls(): NodeTarget[] {
    const sickPools = [...nodes.values()].filter(({ name }) => chosen.has(name)).map(({ pool }) => pool)
    const pools = [...new Set([...sickPools, ...[...nodes.values()].map(({ pool }) => pool)])].slice(0, MOST_POOLS)
    return pools.flatMap((pool) => {
      const healthy = [...nodes.values()].filter((node) => node.pool === pool && !chosen.has(node.name))
      return healthy.slice(0, CONTROLS).flatMap((node) => take(node, false, 'healthy control of its pool'))
    })
  }

  return {
    see(observed) {
      // Nobody will ask for the pods of a node, and there may be 150,000 of them.
      if (policy === 'none') return []
      if (observed.kind === 'Pod') seePod(observed)
      return observed.kind === 'Node' && observed.change !== 'DELETED' ? seeNode(observed) : []
    },
    settle() {
      settled.resolve()
      return policy === 'suspects' ? [...takeHosts(), ...takeControls()] : []
    },
  }
}

/** A pod through which a node is reached; the lowest rank is the best. */
interface Forwarder {
  readonly namespace: string
  readonly pod: string
  readonly rank: number
}

/** Those of the system first: whoever may forward into pods may most often do so there. Of these the CNI, which whoever looks at networks is used to. */
function rankForwarder({ namespace, name, ready }: ObservedPod): number {
  if (namespace !== 'kube-system') return 3
  if (!ready) return 2
  return name.startsWith('aws-node-') ? 0 : 1
}

function describeLeaving(node: ObservedNode): string | undefined {
  const taint = node.taints.find((one) => LEAVING.test(one))
  if (taint !== undefined) return `which has the taint ${taint}`
  return node.unschedulable ? 'which is cordoned' : undefined
}
