import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import { type Condition, conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import { timeAt } from '../../incident/kubernetes.ts'
import type { Node } from '../../incident/node.ts'
import type { Pod } from '../../incident/pod.ts'
import { type Ref, uniqueRefs } from '../../incident/reference.ts'
import { countOrNo, earliest } from '../../incident/telling.ts'
import { nodeNotBefore } from '../not-before.ts'
import { type Claim, type Finding, type Rule, reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'

/** A node whose kubelet no longer says anything. */
export const nodeNotreadyKubeletSilent: Rule<'node-notready-kubelet-silent'> = {
  id: 'node-notready-kubelet-silent',
  title: 'A node is silent: its kubelet stopped reporting',
  domain: 'node',
  needs: ['nodes'],
  helps: ['pods', 'leases.coordination.k8s.io', 'events', 'aws-ec2', 'node-logs'],
  explains: [
    'node-unhealthy',
    'not-ready',
    'stuck-terminating',
    'evicted',
    'no-endpoints',
    'not-starting',
    'volume-failing',
    'rollout-stalled',
    'unscheduled',
    'errors',
  ],
  explain: {
    mechanism:
      'The kubelet renews its lease every ten seconds. After forty without it the control plane sets Ready to Unknown and taints the node; after five more minutes the pods on it are deleted, which nobody there can carry out. The machine is off, cut off, hung, or its kubelet is dead.',
    proof: [
      'Condition Ready=Unknown with reason NodeStatusUnknown: `Kubelet stopped posting node status`.',
      'The lease of the node in kube-node-lease: spec.renewTime stands still.',
    ],
    lookAlikes: [
      'Ready=False: the kubelet lives and says why: pleg-unhealthy, container-runtime-down, cni-ipamd-down.',
      'Many nodes at once: apiserver-or-etcd-slow, aws-auth-or-access-entry-broken, az-impairment or a cut network.',
      'spot-interruption, instance-retirement-or-hardware: the machine was taken away, and something says so.',
    ],
    mitigate: [
      { says: 'Look at the machine first: its state, its console output.', changes: false },
      {
        says: 'Only when it is surely off: let its pods and volumes go.',
        command: 'kubectl taint nodes {node} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute',
        changes: true,
      },
    ],
    fix: ['Replace the node; keep memory and processor for the kubelet (system-reserved, kube-reserved).'],
    links: [
      'https://kubernetes.io/docs/reference/node/node-status/',
      'https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown',
    ],
  },
  *evaluate(incident) {
    const silent = incident.nodes.filter((node) => silenceOf(node) !== undefined)
    for (const node of incident.nodes.filter(isAliveAndUnready))
      yield reject(node.ref, 'Its Ready condition is False, not Unknown: the kubelet lives and says why.')
    for (const node of silent) yield describe(incident, node, silent)
  },
}

function silenceOf({ conditions }: Node): Condition | undefined {
  const ready = conditionOf(conditions, 'Ready')
  return ready?.status === 'Unknown' ? ready : undefined
}

function isAliveAndUnready({ conditions }: Node): boolean {
  return conditionOf(conditions, 'Ready')?.status === 'False'
}

function describe(incident: Incident, node: Node, silent: readonly Node[]): Finding {
  const { name } = node.ref
  const ready = silenceOf(node) as Condition
  const renewed = lastSign(incident, node)
  const pods = incident.podsOn(name).filter((pod) => suffers(incident, pod))
  const terminating = pods.filter(({ deleted }) => deleted !== undefined).length
  const age = renewed
    ? `, last sign of life ${Math.round((incident.now - renewed.at) / 1000)} s before the capture`
    : ''
  return {
    kind: 'cause',
    subject: node.ref,
    strength: 'proof',
    from: renewed?.at ?? ready.since,
    notBefore: nodeNotBefore(incident, name, earliest([renewed?.at, ready.since])),
    says: `The kubelet of node ${name} fell silent${age}; ${countOrNo(pods.length, 'pod')} on it suffer${terminating > 0 ? `, ${terminating} of them to be deleted` : ''}.`,
    cites: atLeastOne([
      cite(node, [...ready.path, ready.message === '' ? 'status' : 'message']),
      ...(renewed ? [renewed.citation] : []),
    ]),
    against: notAlone(incident, silent),
    missing: ['The state of the machine behind the node, and its console output.'],
    affects: uniqueRefs([...pods.flatMap((pod): Ref[] => [pod.ref, pod.workload])]),
  }
}

/** Pods on a silent node are not ready however they are: even those whose status says nothing new. */
function suffers(incident: Incident, pod: Pod): boolean {
  return (
    pod.phase !== 'Succeeded' &&
    pod.phase !== 'Failed' &&
    (!pod.ready || pod.deleted !== undefined || isSuffering(incident, pod))
  )
}

function lastSign(incident: Incident, node: Node): { at: number; citation: Citation } | undefined {
  const lease = incident.find('Lease', 'kube-node-lease', node.ref.name)
  const at = lease && timeAt(lease.json, 'spec', 'renewTime')
  if (!lease || at === undefined) return undefined
  return { at: at - incident.clocks.offsetOf(node.ref.name), citation: cite(lease, ['spec', 'renewTime']) }
}

/** When most of several nodes are silent at once, it is nothing of one node. */
function notAlone({ nodes }: Incident, silent: readonly Node[]): Claim[] {
  const [first] = silent
  if (!first || silent.length < 3 || silent.length * 2 < nodes.length) return []
  return [
    {
      says: `${silent.length} of ${nodes.length} nodes are silent: what they share, the network or the control plane, is more likely than each of them.`,
      cites: atLeastOne(
        silent.slice(0, 3).map((node) => cite(node, [...(silenceOf(node) as Condition).path, 'status'])),
      ),
    },
  ]
}
