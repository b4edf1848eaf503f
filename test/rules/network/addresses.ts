import { ago, type Thing } from '../../incident/scene.ts'
import { event, node, pod, workload } from '../../incident/things.ts'

const creating = { ready: false, started: false, state: { waiting: { reason: 'ContainerCreating' } } }

/** A pod that has a node and waits for its network. */
export function waiting(name: string, on: string): Thing {
  return pod(`shop/${name}`, {
    node: on,
    ready: false,
    containers: [{ status: creating }],
    status: { phase: 'Pending', podIP: '' },
  })
}

/** What the kubelet says when the network plugin failed for a pod. */
export function refused(name: string, cause: string, last = 60): Thing {
  const message = `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "a1b2": ${cause}`
  return event('shop', `Pod/${name}`, 'FailedCreatePodSandBox', message, { last })
}

/** The pod of aws-node on a node, whose log may be given. */
export function agent(on: string): Thing {
  return pod(`kube-system/aws-node-${on}`, { owner: 'DaemonSet/aws-node', node: on, spec: { hostNetwork: true } })
}

/** What the plugin says when its agent has no address left. */
export const NO_ADDRESS =
  'plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container'

/** A node whose agent has none left for a pod. */
export const stuck: readonly Thing[] = [
  node('n1'),
  agent('n1'),
  workload('DaemonSet', 'kube-system/aws-node'),
  waiting('web-1', 'n1'),
  refused('web-1', NO_ADDRESS),
]

/** What a pod logged of late, the agent of that node if no other. */
export function agentLogs(words: string, of = 'kube-system/aws-node-n1'): Record<string, string> {
  return { [`${of}/app`]: `${ago(90)} {"level":"error","msg":"${words}"}\n` }
}
