import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, recordAt, textAt } from '../../incident/kubernetes.ts'
import type { Node } from '../../incident/node.ts'
import type { KubeObject } from '../../incident/object.ts'
import { listPending } from '../../incident/pending.ts'
import { type Pod, waitsForNode } from '../../incident/pod.ts'
import { matchesExpression } from '../../incident/selector.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest } from '../../incident/telling.ts'
import { groupByWorkload } from '../group.ts'
import { isStillSaid } from '../recency.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { claimsOf, volumeOf } from './volumes.ts'

/** A volume that lives where no node is that could take its pod. */
export const ebsAzMismatch: Rule<'ebs-az-mismatch'> = {
  id: 'ebs-az-mismatch',
  title: 'A volume lives in a zone, or on a node, where its pod cannot run',
  domain: 'storage',
  seeds: ['KIA 5.2.2', 'KIA 5.6'],
  needs: ['pods'],
  helps: ['events', 'persistentvolumes', 'persistentvolumeclaims', 'nodes', 'storageclasses.storage.k8s.io'],
  explains: ['unscheduled', 'volume-failing', 'rollout-stalled', 'no-endpoints', 'not-ready'],
  explain: {
    mechanism:
      'A disk belongs to one zone, a local volume to one node. The pod that needs it can only run there. When the nodes of the zone are gone, or the volume was made before anybody knew where the pod would go (Immediate), no node fits.',
    proof: [
      'The scheduler says `node(s) had volume node affinity conflict`, or since v1.34 `node(s) didn’t match PersistentVolume’s node affinity`.',
      'spec.nodeAffinity of the volume names a zone or node, and no node has that label.',
    ],
    lookAlikes: [
      'Nodes of the zone exist and are full, cordoned or tainted: insufficient-cpu-memory, untolerated-taint.',
      'capacity-unavailable-ice: the zone has no machines now.',
      'ebs-multi-attach: the pod has a node; the volume is held by another one.',
    ],
    mitigate: [
      {
        says: 'See where the volume lives.',
        command:
          'kubectl get pv -o custom-columns=NAME:.metadata.name,CLAIM:.spec.claimRef.name,ZONE:.spec.nodeAffinity.required.nodeSelectorTerms[*].matchExpressions[*].values',
        changes: false,
      },
      { says: 'Add a node in that zone; of a volume of one node, bring that node back.', changes: true },
      {
        says: 'If the data of a lost node may go, or others hold a copy, delete the claim and the pod: both are made anew elsewhere.',
        command: 'kubectl delete pvc CLAIM -n {namespace}',
        changes: true,
      },
    ],
    fix: ['volumeBindingMode: WaitForFirstConsumer, and a group of nodes for each zone.'],
    links: ['https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode'],
  },
  *evaluate(incident) {
    for (const { workload, pods, said } of groupByWorkload(incident, 'volume-node-affinity-conflict')) {
      const waiting = pods.filter(waitsForNode)
      const fresh = said.filter((one) => isStillSaid(incident, one))
      if (waiting.length === 0 || fresh.length === 0)
        yield reject(workload, 'A volume was in the wrong place for it once; no pod of it waits for a node now.')
      else yield judge(incident, workload, waiting, fresh)
    }
    for (const { workload, pods } of listPending(incident)) {
      const silent = pods.filter(({ text }) => text === '').map(({ pod }) => pod)
      const lost = silent.filter((pod) => isNowhere(incident, pod))
      if (lost.length > 0) yield judge(incident, workload, lost, [])
    }
  },
}

/** Where the scheduler has left no word: a volume of the pod is bound to a place, and of all nodes none is there. */
function isNowhere(incident: Incident, pod: Pod): boolean {
  const { volumes, nodes } = placesOf(incident, pod)
  return volumes.length > 0 && nodes.length === 0 && incident.coverage.isComplete('nodes')
}

function judge(
  incident: Incident,
  workload: Finding['subject'],
  waiting: readonly Pod[],
  said: readonly Said[],
): Finding {
  const places = waiting.map((pod) => placesOf(incident, pod)).filter(({ volumes }) => volumes.length > 0)
  const { volumes, nodes } = places.find((one) => one.nodes.length === 0) ?? places[0] ?? { volumes: [], nodes: [] }
  const isSure = volumes.length > 0 && nodes.length === 0 && incident.coverage.isComplete('nodes')
  const where = volumes.map((volume) => `the volume ${volume.ref.name} ${describePlace(volume)}`).slice(0, 2)
  return {
    kind: nodes.length > 0 ? 'mechanism' : 'cause',
    subject: workload,
    strength: isSure && said.length > 0 ? 'proof' : 'strong',
    from: earliest(said.map((one) => one.first)) ?? waiting[0]?.created,
    says: `${count(waiting.length, 'pod')} of ${workload.name} ${waiting.length === 1 ? 'finds' : 'find'} no node: ${volumes.length > 0 ? `${where.join(', ')}, ${describeNodes(nodes)}` : 'their volumes live where no node fits'}.`,
    cites: atLeastOne(
      [said[0]?.citation, ...volumes.slice(0, 2).map((volume) => citePlace(volume))].filter((one) => one !== undefined),
    ),
    affects: [...waiting, ...nodes.filter(({ ready }) => !ready)].map(({ ref }) => ref),
  }
}

/** The volumes of a pod that are bound to places, and the nodes that are in all of these. */
function placesOf(incident: Incident, pod: Pod): { volumes: readonly KubeObject[]; nodes: readonly Node[] } {
  const bound = claimsOf(incident, pod).flatMap((claim) => volumeOf(incident, claim) ?? [])
  const volumes = bound.filter(({ json }) => termsOf(json).length > 0)
  return { volumes, nodes: incident.nodes.filter((node) => volumes.every((volume) => isPlaceOf(volume, node))) }
}

const TERMS = ['spec', 'nodeAffinity', 'required', 'nodeSelectorTerms'] as const

function termsOf(json: unknown): readonly unknown[] {
  return listAt(json, ...TERMS)
}

/** Whether a node satisfies one of the terms of a volume; fields are names of nodes. */
function isPlaceOf({ json }: KubeObject, { labels, ref }: Node): boolean {
  return termsOf(json).some(
    (term) =>
      listAt(term, 'matchExpressions').every((one) => matchesExpression(recordAt(one), labels)) &&
      listAt(term, 'matchFields').every((one) => matchesExpression(recordAt(one), { 'metadata.name': ref.name })),
  )
}

function describePlace({ json }: KubeObject): string {
  const expressions = termsOf(json).flatMap((term) => [
    ...listAt(term, 'matchExpressions'),
    ...listAt(term, 'matchFields'),
  ])
  const places = expressions.map((one) => `${textAt(one, 'key')} ${listAt(one, 'values').join(', ')}`)
  return `is bound to ${places.slice(0, 2).join(' and ')}`
}

function describeNodes(nodes: readonly Node[]): string {
  if (nodes.length === 0) return 'and no node is there'
  const usable = nodes.filter(({ ready, unschedulable }) => ready && !unschedulable)
  const names = nodes
    .slice(0, 3)
    .map(({ ref }) => ref.name)
    .join(', ')
  return usable.length === 0
    ? `and the nodes there (${names}) are not ready or cordoned`
    : `and the nodes there (${names}) do not take it for other reasons`
}

function citePlace(volume: KubeObject): Citation {
  return cite(volume, [...TERMS])
}
