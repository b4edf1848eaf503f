import { type Citation, cite } from '../../incident/citation.ts'
import { matchesNode } from '../../incident/fit.ts'
import type { Incident } from '../../incident/incident.ts'
import { type Json, listAt, recordAt, stringsAt, textAt } from '../../incident/kubernetes.ts'
import { listPending, type Pending, type PendingGroup } from '../../incident/pending.ts'
import { matchesExpression } from '../../incident/selector.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { countLate, countOf, findPending, nodes, pendingFor } from './pending-finding.ts'

/** No node has the labels that the selector or the required affinity of a pod demands. */
export const affinityOrSelectorMismatch: Rule<'affinity-or-selector-mismatch'> = {
  id: 'affinity-or-selector-mismatch',
  title: 'No node has the labels that the pod demands',
  domain: 'scheduling',
  seeds: ['KIA 11.1.1'],
  needs: ['pods'],
  helps: ['nodes', 'events'],
  explains: ['unscheduled', 'rollout-stalled', 'no-endpoints', 'job-failing', 'volume-failing'],
  explain: {
    mechanism:
      'A nodeSelector or a required node affinity names labels, and no node has them all: the label was misspelt, removed by an upgrade, or belongs to a node group that is gone. Running pods are not touched, so it shows only when a pod is made anew.',
    proof: [
      'PodScheduled is False and says `didn’t match Pod’s node affinity/selector` (old: `didn’t match node selector`), and no node is counted for room or other later reasons.',
      'Held against the labels of the nodes in the bundle, the selector matches none.',
    ],
    lookAlikes: [
      'insufficient-cpu-memory: matching nodes exist and are full.',
      'untolerated-taint: matching nodes exist and have a taint.',
      'ebs-az-mismatch: the volume of the pod, not its own selector, ties it to a zone.',
    ],
    mitigate: [
      { says: 'Compare.', command: 'kubectl get nodes --show-labels', changes: false },
      {
        says: 'Give the nodes that are meant the label.',
        command: 'kubectl label node {node} KEY=VALUE',
        changes: true,
      },
    ],
    fix: [
      'Select by labels that the node group sets itself, so that new nodes have them from the start; before upgrades look for labels that are going away.',
    ],
    links: ['https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/'],
  },
  *evaluate(incident) {
    for (const group of listPending(incident)) {
      const pending = pendingFor(group, 'node-affinity', 'node-name')
      if (pending) yield judge(incident, group, pending)
    }
  },
}

function judge(incident: Incident, group: PendingGroup, pending: Pending): Finding | Rejection {
  const matching = incident.nodes.filter((node) => matchesNode(pending.pod, node))
  if (countLate(pending) > 0)
    return reject(group.workload, 'Some nodes match its selector; they are full or excluded for another reason.')
  if (matching.length > 0)
    return reject(
      group.workload,
      `${nodes(matching.length)} match its selector (${matching[0]?.ref.name}) and are kept from it by something else.`,
    )
  return describe(incident, group, pending)
}

function describe(incident: Incident, group: PendingGroup, pending: Pending): Finding {
  const demands = demandsOf(pending.pod.json.spec)
  const unmet = demands.filter(({ holds }) => !incident.nodes.some(({ labels }) => holds(labels)))
  const told = (unmet.length > 0 ? unmet : demands).slice(0, 3)
  const isSure = incident.coverage.isComplete('nodes') && demands.length > 0
  return findPending(group, pending, {
    kind: 'cause',
    strength: isSure ? 'proof' : 'strong',
    says: `${countOf(group)} demand${group.pods.length === 1 ? 's' : ''} ${told.map(({ says }) => says).join(' and ') || 'labels'}, which ${isSure && unmet.length > 0 ? `none of ${nodes(incident.nodes.length)} has` : 'no node has together'}${describeNear(incident, told)}.`,
    cites: told.map(({ path }): Citation => cite(pending.pod, path)),
  })
}

/** One thing that the spec demands of the labels of nodes. */
interface Demand {
  readonly key: string
  readonly says: string
  readonly path: readonly (string | number)[]
  readonly holds: (labels: Readonly<Record<string, string>>) => boolean
}

function demandsOf(spec: unknown): readonly Demand[] {
  const selected = Object.entries(stringsAt(spec, 'nodeSelector')).map(
    ([key, value]): Demand => ({
      key,
      says: `${key}=${value}`,
      path: ['spec', 'nodeSelector', key],
      holds: (labels) => labels[key] === value,
    }),
  )
  const root = ['affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms']
  const terms = listAt(spec, ...root)
  const expressions = terms.flatMap((term, index) =>
    listAt(term, 'matchExpressions').map(
      (one, place): Demand => ({
        key: textAt(one, 'key'),
        says: describeExpression(recordAt(one)),
        path: ['spec', ...root, index, 'matchExpressions', place],
        holds: (labels) => matchesExpression(recordAt(one), labels),
      }),
    ),
  )
  return [...selected, ...expressions]
}

function describeExpression(expression: Json): string {
  const values = listAt(expression, 'values')
  return `${textAt(expression, 'key')} ${textAt(expression, 'operator')}${values.length > 0 ? ` [${values.slice(0, 3).join(', ')}]` : ''}`
}

/** Other values that nodes have of the label that is asked for: a misspelling shows. */
function describeNear({ nodes: all }: Incident, told: readonly Demand[]): string {
  const [key] = told.map((one) => one.key)
  const values = [...new Set(all.map(({ labels }) => labels[key ?? '']).filter((value) => value !== undefined))]
  if (key === undefined || values.length === 0) return key === undefined ? '' : `; no node has a label ${key}`
  return `; nodes have ${key} ${values.sort().slice(0, 4).join(', ')}`
}
