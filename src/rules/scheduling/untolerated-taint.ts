import { isDeliberate } from '../../incident/changes/manager.ts'
import { type Citation, cite } from '../../incident/citation.ts'
import { type Fit, showTaint, untoleratedTaints } from '../../incident/fit.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Node, Taint } from '../../incident/node.ts'
import { isControlPlane, listPending, nodesKeptBy, type Pending, type PendingGroup } from '../../incident/pending.ts'
import type { Ref } from '../../incident/reference.ts'
import { touches, type Write } from '../../incident/writes.ts'
import { onePerSubject } from '../one-per-subject.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { countLate, countOf, findPending, nodes, pendingFor } from './pending-finding.ts'

/** Nodes that would take a pod have a taint that it does not tolerate, or are cordoned. */
export const untoleratedTaint: Rule<'untolerated-taint'> = {
  id: 'untolerated-taint',
  title: 'A taint, or a cordon, keeps pods off nodes that would take them',
  domain: 'scheduling',
  needs: ['pods'],
  helps: ['nodes', 'events'],
  explains: ['unscheduled', 'rollout-stalled', 'no-endpoints', 'job-failing', 'volume-failing'],
  explain: {
    mechanism:
      'A taint of effect NoSchedule or NoExecute keeps every pod off a node that does not tolerate it; cordoning a node is a taint too. Some taints are set by people for a pool of nodes, others by components because the node is not well or not yet complete. The nodes look free and take nothing.',
    proof: [
      'PodScheduled is False and counts `untolerated taint`, `node(s) had taint … that the pod didn’t tolerate` or `node(s) were unschedulable`.',
      'Nodes with that taint have room and the labels that the pod demands: only the taint keeps it off. Since Kubernetes 1.34 the key stands in `spec.taints` of the nodes only.',
    ],
    lookAlikes: [
      'insufficient-cpu-memory: nodes without the taint are full, and the taint is that of a pool that the pod was never meant for.',
      'node-notready-kubelet-silent and the pressures: their taints say that the node is not well; the node is then the root.',
      'affinity-or-selector-mismatch: the tainted nodes lack the labels as well.',
    ],
    mitigate: [
      {
        says: 'List taints and cordons.',
        command:
          'kubectl get nodes -o custom-columns=NAME:.metadata.name,CORDONED:.spec.unschedulable,TAINTS:.spec.taints',
        changes: false,
      },
      {
        says: 'If somebody cordoned a node and is done with it, let it take pods again.',
        command: 'kubectl uncordon {node}',
        changes: true,
      },
    ],
    fix: [
      'Tolerate the taints of pools that the workload belongs to. Never remove a taint that a component set: it comes back until its reason is gone.',
    ],
    links: ['https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/'],
  },
  *evaluate(incident) {
    const found = listPending(incident).flatMap((group) => judge(incident, group))
    yield* found.filter((one) => one.kind === 'rejected')
    yield* onePerSubject(found.filter((one) => one.kind !== 'rejected'))
  },
}

function judge(incident: Incident, group: PendingGroup): readonly (Finding | Rejection)[] {
  const pending = pendingFor(group, 'taint', 'unschedulable-node', 'pressure')
  if (!pending) return []
  if (incident.nodes.length === 0) return countLate(pending) > 0 ? [] : [describeUnseen(group, pending)]
  const [worst] = blocksOf(incident, pending)
  if (!worst)
    return [
      reject(group.workload, 'No node is kept from it by a taint alone: those that have one would not take it anyway.'),
    ]
  if (worst.kind === 'pool' && countLate(pending) > 0)
    return [
      reject(
        group.workload,
        `The taint ${worst.taint} is that of a pool; other nodes take such pods and have no room.`,
      ),
    ]
  return [describe(incident, group, pending, worst)]
}

/** Nodes that one taint, or a cordon, keeps a pod off. */
interface Block {
  /** component: set because the node is not well or not complete. changed: set by somebody lately. pool: what the nodes are for. */
  readonly kind: 'component' | 'cordon' | 'changed' | 'pool'
  readonly taint: string
  readonly nodes: readonly Node[]
  readonly when: number | undefined
  readonly by: string
  readonly cites: readonly Citation[]
}

const ORDER: readonly Block['kind'][] = ['cordon', 'changed', 'component', 'pool']

/** Taints that components set and take away: of the node lifecycle, of CNI and CSI agents that are not up yet, of autoscalers. */
const OF_COMPONENTS =
  /^node\.kubernetes\.io\/(?!unschedulable)|^node\.cloudprovider\.kubernetes\.io\/|\/agent-not-ready$|^karpenter\.sh\/|^(?:ToBeDeleted|DeletionCandidate)|^eks\.amazonaws\.com\/|^aws-node-termination-handler\//

function blocksOf(incident: Incident, pending: Pending): readonly Block[] {
  const kept = nodesKeptBy(incident, pending, 'taint', 'cordoned')
  const usable = kept.filter((fit) => !isControlPlane(fit))
  const isOnlyControlPlane = incident.nodes.every((node) => isControlPlane({ node, misfits: [] }))
  const blocks = Map.groupBy(isOnlyControlPlane ? kept : usable, (fit) => nameOf(pending, fit))
  return [...blocks]
    .map(([taint, fits]) => readBlock(incident, pending, taint, fits))
    .sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || b.nodes.length - a.nodes.length)
}

const CORDON = 'cordon'

function nameOf({ pod }: Pending, { node }: Fit): string {
  const taints = untoleratedTaints(pod, node)
  const telling = taints.find(({ key }) => OF_COMPONENTS.test(key)) ?? taints[0]
  return telling ? showTaint(telling) : CORDON
}

function readBlock(incident: Incident, { pod }: Pending, name: string, fits: readonly Fit[]): Block {
  const [{ node }] = fits as [Fit, ...Fit[]]
  const taint = untoleratedTaints(pod, node).find((one) => showTaint(one) === name)
  const write = writeOf(node, taint)
  return {
    kind: kindOf(incident, taint, write),
    taint: name,
    nodes: fits.map((fit) => fit.node),
    when: taint?.added ?? cordonedAt(node, taint) ?? write?.at,
    by: write?.manager ?? '',
    cites: fits.slice(0, 3).map((fit) => citeBlock(pod, fit.node, name)),
  }
}

/** A taint that was set longer ago than changes are looked for is what the nodes are for. */
const LATELY_MS = 24 * 3600 * 1000

function kindOf({ start }: Incident, taint: Taint | undefined, write: Write | undefined): Block['kind'] {
  if (!taint) return 'cordon'
  if (OF_COMPONENTS.test(taint.key)) return 'component'
  const isLate = write?.manager.startsWith('kubectl') && (write.at ?? 0) > start - LATELY_MS
  return isLate ? 'changed' : 'pool'
}

/** Who wrote the taints last, or the cordon. The list of taints belongs to its last writer as a whole. */
function writeOf({ writes }: Node, taint: Taint | undefined): Write | undefined {
  return writes
    .filter((one) => touches(one, taint ? 'spec.taints' : 'spec.unschedulable') && isDeliberate(one.manager))
    .at(-1)
}

function cordonedAt({ taints }: Node, taint: Taint | undefined): number | undefined {
  return taint ? undefined : taints.find(({ key }) => key === 'node.kubernetes.io/unschedulable')?.added
}

function citeBlock(pod: Pending['pod'], node: Node, name: string): Citation {
  const taint = untoleratedTaints(pod, node).find((one) => showTaint(one) === name)
  return taint ? cite(node, [...taint.path, 'key']) : cite(node, ['spec', 'unschedulable'])
}

/** A taint that came after the pods began to wait is not why. */
function isLater({ clocks }: Incident, { since }: PendingGroup, when: number): boolean {
  return since !== undefined && when > since + clocks.tolerance
}

function describe(incident: Incident, group: PendingGroup, pending: Pending, block: Block): Finding {
  const what = block.kind === 'cordon' ? 'cordoned' : `tainted ${block.taint}`
  const by = block.by === '' ? '' : ` by ${block.by}`
  const names = block.nodes.slice(0, 3).map(({ ref }) => ref.name)
  const rest = countLate(pending)
  const finding = findPending(group, pending, {
    kind: block.kind === 'component' ? 'mechanism' : 'cause',
    strength: rest > 0 ? 'strong' : 'proof',
    says: `${countOf(group)} would fit on ${nodes(block.nodes.length)} (${names.join(', ')}) that ${block.nodes.length === 1 ? 'is' : 'are'} ${what}${by}${rest > 0 ? `; ${nodes(rest)} of ${pending.said?.nodes} ${rest === 1 ? 'is' : 'are'} full or excluded otherwise` : ''}.`,
    cites: block.cites,
  })
  const isChange = block.kind === 'cordon' || block.kind === 'changed'
  const from = isChange && block.when !== undefined && !isLater(incident, group, block.when) ? block.when : finding.from
  const [only] = block.nodes
  if (!isChange || block.nodes.length > 1 || !only)
    return { ...finding, from, affects: [...(finding.affects ?? []), ...sickOf(block)] }
  return { ...finding, from, subject: only.ref, affects: [...(finding.affects ?? []), group.workload] }
}

/** Nodes that a component tainted for being ill: what ails them keeps the pod waiting. */
function sickOf({ kind, nodes: tainted }: Block): readonly Ref[] {
  return kind === 'component' ? tainted.filter(({ ready }) => !ready).map(({ ref }) => ref) : []
}

function describeUnseen(group: PendingGroup, pending: Pending): Finding {
  return findPending(group, pending, {
    kind: 'cause',
    strength: 'strong',
    says: `${countOf(group)} ${group.pods.length === 1 ? 'has' : 'have'} no node because of taints: ${pending.text.slice(0, 160)}`,
  })
}
