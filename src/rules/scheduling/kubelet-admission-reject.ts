import { cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { recordAt, textAt } from '../../incident/kubernetes.ts'
import { RECENT } from '../../incident/lately.ts'
import { isFailing, type Pod } from '../../incident/pod.ts'
import { keyOf } from '../../incident/reference.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'

/** The kubelet turned away pods that had been given to its node. */
export const kubeletAdmissionReject: Rule<'kubelet-admission-reject'> = {
  id: 'kubelet-admission-reject',
  title: 'The kubelet turns pods away that were given to its node',
  domain: 'scheduling',
  needs: ['pods'],
  helps: ['events'],
  explains: ['evicted', 'not-ready', 'rollout-stalled', 'job-failing', 'no-endpoints'],
  explain: {
    mechanism:
      'The kubelet checks every pod once more when it comes: room, labels, devices, sysctls. A pod that asks for what this kubelet does not allow is turned away wherever it goes. A pod that was put on the node by name, or that comes back after a restart of the kubelet, can fail that check. It stays as Failed and its controller makes another one, so that a trail of failed pods grows.',
    proof: [
      'Phase Failed with `status.reason` OutOfcpu, OutOfmemory, OutOfpods, NodeAffinity, UnexpectedAdmissionError, TopologyAffinityError, SysctlForbidden or AppArmor.',
      '`status.message` names the resource with requested, used and capacity.',
    ],
    lookAlikes: [
      'node-memory-pressure-eviction: reason Evicted, of a pod that ran.',
      'insufficient-cpu-memory: the scheduler found no node, so the pod is Pending.',
    ],
    mitigate: [
      {
        says: 'Remove the failed pods once they were looked at.',
        command: 'kubectl delete pods -n {namespace} --field-selector=status.phase=Failed',
        changes: true,
      },
    ],
    fix: [
      'Do not set spec.nodeName in templates; leave room on nodes for static pods and daemons.',
      'Allow an unsafe sysctl in the configuration of the kubelets that are to run the pod, and send it there.',
    ],
    links: ['https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/'],
  },
  *evaluate(incident) {
    const rejected = incident.pods.filter(wasRejected)
    for (const [, pods] of Map.groupBy(rejected, ({ workload }) => keyOf(workload))) yield judge(incident, pods)
  },
}

/** Reasons of pods that a node turns away; `OutOfcpu`, `OutOfmemory` end in the resource (pkg/kubelet/lifecycle/predicate.go). */
const REASONS: readonly string[] = ['NodeAffinity', 'UnexpectedAdmissionError', 'TopologyAffinityError', 'NodePorts']

/** What no node like this one takes, because the pod's own definition asks for it (pkg/kubelet/lifecycle, sysctl, cm/cpumanager). */
const OWN_FAULT: readonly string[] = [
  'SysctlForbidden',
  'AppArmor',
  'PodOSNotSupported',
  'PodOSSelectorNodeLabelDoesNotMatch',
  'InitContainerRestartPolicyForbidden',
  'SupplementalGroupsPolicyNotSupported',
  'SMTAlignmentError',
]

function wasRejected({ phase, reason }: Pod): boolean {
  return phase === 'Failed' && (reason.startsWith('OutOf') || REASONS.includes(reason) || OWN_FAULT.includes(reason))
}

function judge(incident: Incident, rejected: readonly Pod[]): Finding | Rejection {
  const [{ workload }] = rejected as [Pod, ...Pod[]]
  const recent = rejected.filter(({ created = 0 }) => incident.now - created < RECENT)
  if (recent.length === 0) return reject(workload, 'Its pods were turned away more than an hour ago.')
  const suffers = suffersNow(incident, workload)
  const isPinned = recent.some((pod) => pinsNode(incident, pod))
  const isOwn = isPinned || recent.some(({ reason }) => OWN_FAULT.includes(reason))
  return describe(recent, suffers ? (isOwn ? 'cause' : 'mechanism') : 'risk', isPinned)
}

/** Whether the workload lacks pods beyond the failed ones, which nothing replaces by themselves. */
function suffersNow(incident: Incident, workload: Pod['workload']): boolean {
  const known = incident.workloadOf(workload)
  const left = known?.pods.filter(({ phase }) => phase !== 'Failed') ?? []
  if (known?.desired === undefined) return left.every(isFailing)
  return (known.readyReplicas ?? 0) < known.desired
}

function pinsNode({ workloadOf }: Incident, { workload }: Pod): boolean {
  return textAt(workloadOf(workload)?.object?.json, 'spec', 'template', 'spec', 'nodeName') !== ''
}

function describe(pods: readonly Pod[], kind: Finding['kind'], isPinned: boolean): Finding {
  const [first] = pods as [Pod, ...Pod[]]
  const times = pods.map(({ created }) => created).filter((at) => at !== undefined)
  const node = textAt(recordAt(first.json, 'spec'), 'nodeName')
  return {
    kind,
    subject: first.workload,
    strength: 'proof',
    from: times.length > 0 ? Math.min(...times) : undefined,
    says: `The kubelet of ${node} turned ${pods.length} pod${pods.length === 1 ? '' : 's'} of ${first.workload.name} away (${first.reason})${isPinned ? ', which its template puts on that node by name' : ''}: ${first.message.slice(0, 160)}`,
    cites: [cite(first, ['status', first.message === '' ? 'reason' : 'message']), cite(first, ['status', 'reason'])],
    affects: pods.map(({ ref }) => ref),
  }
}
