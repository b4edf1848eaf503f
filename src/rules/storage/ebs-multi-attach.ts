import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { isTrueAt, listAt, textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import { type Pod, waitsForNode } from '../../incident/pod.ts'
import { keyOf } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { earliest } from '../../incident/telling.ts'
import { groupByWorkload } from '../group.ts'
import { isCurrent } from '../recency.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { attachmentsOf, claimsOf, volumeOf, waitsToStart } from './volumes.ts'

/** A volume for one node that pods on two want. */
export const ebsMultiAttach: Rule<'ebs-multi-attach'> = {
  id: 'ebs-multi-attach',
  title: 'A volume is in use on one node and wanted on another',
  domain: 'storage',
  seeds: ['KIA 5.1.2'],
  needs: ['pods'],
  helps: ['events', 'persistentvolumeclaims', 'volumeattachments.storage.k8s.io', 'nodes'],
  explains: ['not-starting', 'unscheduled', 'rollout-stalled', 'volume-failing', 'not-ready', 'no-endpoints'],
  explain: {
    mechanism:
      'A ReadWriteOnce volume is attached to one node at a time. A rolling update starts the new pod before the old one is gone; when it lands on another node, it waits for the volume, and the update waits for it: neither ends.',
    proof: [
      'Event FailedAttachVolume: `Multi-Attach error for volume …`, and the pod that holds it still runs, or ends slowly, on another node.',
    ],
    lookAlikes: [
      'ebs-attach-timeout-or-stuck-on-dead-node: the node that holds it is not ready or gone.',
      'A Multi-Attach error that passes while the old pod ends is normal.',
    ],
    mitigate: [
      {
        says: 'Let the old pod go first.',
        command: 'kubectl scale deployment/{name} -n {namespace} --replicas=0',
        changes: true,
      },
    ],
    fix: [
      'strategy Recreate for a Deployment with such a volume, or a StatefulSet; a volume that many nodes can share where many pods need it.',
    ],
    links: ['https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes'],
  },
  *evaluate(incident) {
    const told = new Set<string>()
    for (const { workload, pods, said } of groupByWorkload(incident, 'multi-attach', 'volume-in-use')) {
      const waiting = pods.filter((pod) => waitsToStart(pod) || waitsForNode(pod))
      const current = said.filter((one) => isCurrent(incident, one))
      if (waiting.length === 0 || current.length === 0)
        yield reject(workload, 'Its volume was held elsewhere for a while; no pod of it waits now.')
      else {
        told.add(keyOf(workload))
        yield judge(incident, workload, waiting, current)
      }
    }
    for (const { ref, pods } of incident.workloads) {
      const silent = told.has(keyOf(ref)) ? [] : pods.filter((pod) => waitsForHeld(incident, pod))
      if (silent.length > 0) yield judge(incident, ref, silent, [])
    }
  },
}

/** An attachment moves within a minute or two of its pod. */
const PATIENCE = 2 * 60 * 1000

/** A pod of which nobody says why it waits: the attachment tells that a pod that runs elsewhere has its volume. */
function waitsForHeld(incident: Incident, pod: Pod): boolean {
  if (!waitsToStart(pod) || incident.now - (pod.started ?? pod.created ?? incident.now) < PATIENCE) return false
  return claimsOf(incident, pod).some((claim) => {
    const nodes = isForOneNode(claim) ? nodesOf(incident, claim) : []
    return (
      nodes.length > 0 &&
      !nodes.includes(pod.node) &&
      holdersOf(incident, claim, [pod]).some(({ node }) => nodes.includes(node))
    )
  })
}

function isForOneNode({ json }: KubeObject): boolean {
  const modes = listAt(json, 'spec', 'accessModes')
  return modes.length > 0 && modes.every((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod')
}

/** The nodes that the volume of a claim is attached to. */
function nodesOf(incident: Incident, claim: KubeObject): readonly string[] {
  const volume = volumeOf(incident, claim)
  return (volume ? attachmentsOf(incident, volume.ref.name) : [])
    .filter(({ json }) => isTrueAt(json, 'status', 'attached'))
    .map(({ json }) => textAt(json, 'spec', 'nodeName'))
}

function judge(
  incident: Incident,
  workload: Finding['subject'],
  waiting: readonly Pod[],
  said: readonly Said[],
): Finding | Rejection {
  const claims = waiting.flatMap((pod) => claimsOf(incident, pod))
  const dead = claims.map((claim) => deadHolder(incident, claim)).find((one) => one !== undefined)
  if (dead !== undefined)
    return reject(
      workload,
      `The volume is attached to ${dead}, which is not ready or gone: see ebs-attach-timeout-or-stuck-on-dead-node.`,
    )
  const holder = claims.flatMap((claim) => holdersOf(incident, claim, waiting))[0]
  if (holder?.deleted !== undefined && incident.now <= holder.deleted)
    return reject(workload, `${holder.ref.name}, which holds the volume, is being deleted and still within its grace.`)
  const strategy = strategyOf(incident, workload)
  return {
    kind: 'cause',
    subject: workload,
    strength: said.length > 0 && (holder || said.some(({ values }) => values.pods)) ? 'proof' : 'strong',
    from: earliest(said.map((one) => one.first)) ?? waiting[0]?.created,
    says: `${waiting.length} pods of ${workload.name} wait for a volume that ${holder ? `${holder.ref.name} on node ${holder.node}` : 'another pod'} holds${strategy ? '; its strategy is RollingUpdate, which starts the new pod before the old one is gone' : ''}${said[0] ? `: ${said[0].words}` : '; the claim is for one node'}.`,
    cites: atLeastOne([
      ...said.slice(0, 2).map(({ citation }) => citation),
      ...(said.length > 0 ? [] : citeHold(incident, claims)),
      ...(strategy ? [cite(strategy, ['spec', 'strategy'])] : []),
    ]),
    affects: waiting.map(({ ref }) => ref),
  }
}

function citeHold(incident: Incident, claims: readonly KubeObject[]): readonly Citation[] {
  return claims.filter(isForOneNode).flatMap((claim) => {
    const [attachment] = attachmentsOf(incident, volumeOf(incident, claim)?.ref.name ?? '')
    return [cite(claim, ['spec', 'accessModes']), ...(attachment ? [cite(attachment, ['spec', 'nodeName'])] : [])]
  })
}

/** The node that the volume is attached to, where that node cannot let go of it. */
function deadHolder(incident: Incident, claim: KubeObject): string | undefined {
  const volume = volumeOf(incident, claim)
  const nodes = volume
    ? attachmentsOf(incident, volume.ref.name).map(({ json }) => textAt(json, 'spec', 'nodeName'))
    : []
  return nodes.find((name) => {
    const node = incident.nodeOf(name)
    return node ? !node.ready : incident.coverage.isComplete('nodes')
  })
}

function holdersOf(incident: Incident, { ref }: KubeObject, waiting: readonly Pod[]): readonly Pod[] {
  const own = new Set(waiting.map((pod) => keyOf(pod.ref)))
  return incident
    .usersOf('PersistentVolumeClaim', ref.namespace, ref.name)
    .filter((pod) => pod.node !== '' && !own.has(keyOf(pod.ref)) && pod.phase === 'Running')
}

function strategyOf(incident: Incident, workload: Finding['subject']): KubeObject | undefined {
  const object = incident.workloadOf(workload)?.object
  const type = textAt(object?.json, 'spec', 'strategy', 'type')
  return object?.ref.kind === 'Deployment' && type === 'RollingUpdate' ? object : undefined
}
