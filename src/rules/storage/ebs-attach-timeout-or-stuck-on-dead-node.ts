import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { isTrueAt, textAt } from '../../incident/kubernetes.ts'
import { is } from '../../incident/messages/index.ts'
import type { KubeObject } from '../../incident/object.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest } from '../../incident/telling.ts'
import { isCurrent } from '../recency.ts'
import { type Advice, type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { attachmentsOf, claimsOf, saidOfPods, volumeOf, volumesOf, waitsToStart } from './volumes.ts'

/** A volume that is not attached or mounted: its driver does not manage, or a node that is gone still holds it. */
export const ebsAttachTimeoutOrStuckOnDeadNode: Rule<'ebs-attach-timeout-or-stuck-on-dead-node'> = {
  id: 'ebs-attach-timeout-or-stuck-on-dead-node',
  title: 'A volume cannot be attached or mounted, or is stuck on a dead node',
  domain: 'storage',
  seeds: ['KIA 5.1.2B'],
  needs: ['pods'],
  helps: ['events', 'volumeattachments.storage.k8s.io', 'persistentvolumes', 'nodes', 'aws-ec2'],
  explains: ['not-starting', 'volume-failing', 'not-ready', 'rollout-stalled', 'no-endpoints', 'stuck-terminating'],
  explain: {
    mechanism:
      'A volume is detached from one node before it is attached to the next. A node that went silent cannot say that it has unmounted it, so the controller waits six minutes, and without a force detach for ever; the cloud may hold it longer. Until then the new pod waits in ContainerCreating.',
    proof: [
      'VolumeAttachment with attached=true on a node that is not ready or does not exist, and a pod elsewhere that waits for the volume.',
      'VolumeAttachment.status.attachError; event FailedAttachVolume or FailedMount with the words of the driver.',
    ],
    lookAlikes: [
      'ebs-multi-attach: the node that holds it is well: a pod there still uses it.',
      'csi-controller-or-node-down: no volume of the driver is attached anywhere.',
      'efs-mount-failed: a file system over the network.',
      'missing-config-reference: the volume is a ConfigMap or Secret that does not exist.',
    ],
    mitigate: [
      { says: 'See where it is attached.', command: 'kubectl get volumeattachments', changes: false },
      {
        says: 'Only when the machine is surely off: let its volumes go.',
        command: 'kubectl taint nodes {node} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute',
        changes: true,
      },
    ],
    fix: ['Replace dead nodes soon; drain before a node is taken away.'],
    links: ['https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown'],
  },
  *evaluate(incident) {
    const failures = incident.said(...FAILURES).filter((said) => isCurrent(incident, said))
    const waiting = [...saidOfPods(incident, failures, waitsToStart), ...findSilent(incident, failures)]
    for (const [, members] of Map.groupBy(waiting, ({ pod }) => keyOf(pod.workload))) yield* judge(incident, members)
  },
}

/** An attachment is normal for a while after a pod was placed: detaching takes a minute or two. */
const PATIENCE = 2 * 60 * 1000

/** Pods of which nothing is said, because events are not known: the attachment tells it alone. */
function findSilent(incident: Incident, failures: readonly Said[]): readonly Waiting[] {
  const told = new Set(failures.map(({ about }) => keyOf(about)))
  return incident.pods
    .filter((pod) => waitsToStart(pod) && !told.has(keyOf(pod.ref)))
    .filter((pod) => incident.now - (pod.started ?? pod.created ?? incident.now) > PATIENCE)
    .filter((pod) => heldByDeadNode(incident, pod) !== undefined)
    .map((pod) => ({ pod, said: [] }))
}

interface Waiting {
  readonly pod: Pod
  readonly said: readonly Said[]
}

const FAILURES = [
  'multi-attach',
  'volume-attach-timeout',
  'volume-device-state',
  'volume-held-by-other',
  'volume-attach-failed',
  'volume-detach-failed',
  'volume-attach-error',
  'volume-detach-error',
  'filesystem-damaged',
  'fs-group-failed',
  'volume-ownership-slow',
  'host-path-mismatch',
  'volume-operation-pending',
  'volume-missing',
  'volume-mount-failed',
  'volume-mount-timeout',
] as const

/** What other rules say more of. */
const OTHERS = new Set<string>([
  'missing-config-map',
  'missing-secret',
  'missing-config-key',
  'missing-service-account',
  'csi-driver-not-registered',
  'efs-mount-failed',
  'kms-key-unusable',
  'attachment-limit',
  'aws-credentials-missing',
  'irsa-trust-denied',
  'volume-projection-unregistered',
])

/** Sources of volumes that are no storage. */
const NO_STORAGE = new Set(['configMap', 'secret', 'projected', 'downwardAPI', 'emptyDir'])

function* judge(incident: Incident, waiting: readonly Waiting[]): Generator<Finding | Rejection> {
  const [first] = waiting
  if (!first) return
  const dead = waiting.map(({ pod }) => heldByDeadNode(incident, pod)).find((one) => one !== undefined)
  const others = incident.saidAbout(first.pod.ref).filter(({ id, source }) => OTHERS.has(id) && source !== 'log')
  const said = waiting.flatMap((one) => one.said.filter((each) => isOfStorage(one.pod, each)))
  if (dead)
    yield describeDead(
      incident,
      waiting.map(({ pod }) => pod),
      said,
      dead,
    )
  else if (others.length > 0 || said.length === 0)
    yield reject(
      first.pod.workload,
      `Its volumes are not mounted for another reason: ${others[0]?.words ?? first.said[0]?.words}.`,
    )
  else if (said.every(({ id }) => id === 'multi-attach')) return
  else
    yield describe(
      waiting.map(({ pod }) => pod),
      said,
    )
}

/** A mount of a ConfigMap or Secret fails for reasons of its own. */
function isOfStorage(pod: Pod, { id, values }: Said): boolean {
  if (id === 'volume-mount-timeout') {
    const names = new Set((values.unmounted ?? '').split(' ').flatMap((one) => one.split(',')))
    return volumesOf(pod).some(({ name, source }) => names.has(name) && !NO_STORAGE.has(source))
  }
  const volume = volumesOf(pod).find(({ name }) => name === values.volume)
  return volume === undefined || !NO_STORAGE.has(volume.source)
}

interface Held {
  readonly claim: KubeObject
  readonly attachment: KubeObject
  readonly node: string
}

/** An attachment of a volume of the pod to a node that is not ready or no longer exists, and is not the pod's own. */
function heldByDeadNode(incident: Incident, pod: Pod): Held | undefined {
  for (const claim of claimsOf(incident, pod)) {
    const volume = volumeOf(incident, claim)
    for (const attachment of volume ? attachmentsOf(incident, volume.ref.name) : []) {
      const node = textAt(attachment.json, 'spec', 'nodeName')
      if (node !== pod.node && isTrueAt(attachment.json, 'status', 'attached') && isDead(incident, node))
        return { claim, attachment, node }
    }
  }
  return undefined
}

function isDead(incident: Incident, name: string): boolean {
  const node = incident.nodeOf(name)
  return node ? !node.ready : incident.coverage.isComplete('nodes')
}

function describeDead(
  incident: Incident,
  pods: readonly Pod[],
  said: readonly Said[],
  { claim, attachment, node }: Held,
): Finding {
  return {
    kind: 'cause',
    subject: claim.ref,
    strength: 'proof',
    from: earliest(said.map((one) => one.first)) ?? pods[0]?.created,
    says: `The volume of ${claim.ref.name} is still attached to node ${node}, which ${incident.nodeOf(node) ? 'is not ready' : 'does not exist'}; ${count(pods.length, 'pod')} ${pods.length === 1 ? 'waits' : 'wait'} for it elsewhere.`,
    cites: [
      cite(attachment, ['spec', 'nodeName']),
      cite(attachment, ['status']),
      ...said.slice(0, 1).map(({ citation }) => citation),
    ],
    affects: refsOf(pods),
  }
}

/** The words of the driver say more than that time ran out. */
function describe(pods: readonly Pod[], said: readonly Said[]): Finding {
  const ranked = FAILURES.flatMap((id) => said.filter((one) => one.id === id))
  const [first] = ranked as [Said]
  const isVague = first.id === 'volume-mount-timeout'
  const isOwned = first.id === 'volume-ownership-slow'
  const [pod] = pods as [Pod]
  const isProof = ranked.some(
    ({ id, text, reason }) => STATUS.has(id) && is(text, 'volume-driver-silent', reason) === undefined,
  )
  return {
    kind: isVague ? 'mechanism' : 'cause',
    subject: pod.workload,
    strength: isVague ? 'weak' : isProof ? 'proof' : 'strong',
    from: earliest(said.map((one) => one.first)) ?? pod.created,
    says: `Volumes of ${pods.length} pods of ${pod.workload.name} are not ${first.id.includes('attach') ? 'attached' : 'mounted'}${isOwned ? ' yet, because the kubelet gives all their files to the fsGroup of the pod first' : ''}: ${first.text.slice(0, 300)}.`,
    cites: atLeastOne(citationsOf(ranked)),
    missing: isVague ? ['Why the volumes were not ready: the log of their driver.'] : [],
    affects: refsOf(pods),
    ...(isOwned ? { advice: OF_OWNERSHIP } : {}),
  }
}

/** What helps where nothing is wrong with the volume, but with what is done to it at every start. */
const OF_OWNERSHIP: Advice = {
  mitigate: [
    { says: 'Wait: a pod that is made anew begins from the first file again.', changes: false },
    {
      says: 'Change the owner only where the root of the volume has another.',
      command:
        'kubectl patch {kind} {name} -n {namespace} -p \'{"spec":{"template":{"spec":{"securityContext":{"fsGroupChangePolicy":"OnRootMismatch"}}}}}\'',
      changes: true,
    },
  ],
  fix: [
    'Set fsGroupChangePolicy: OnRootMismatch, or take a driver that mounts with the group (CSIDriver fsGroupPolicy).',
  ],
}

/** What the VolumeAttachment says is so now, not of a moment ago. */
const STATUS: ReadonlySet<string> = new Set(['volume-attach-error', 'volume-detach-error'])

function citationsOf(said: readonly Said[]): readonly Citation[] {
  return [...new Map(said.map((one) => [one.text, one.citation])).values()].slice(0, 3)
}

function refsOf(pods: readonly Pod[]): readonly Ref[] {
  return uniqueRefs(pods.flatMap(({ ref, workload }) => [ref, workload]))
}
