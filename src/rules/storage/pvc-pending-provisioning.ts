import { type Absent, absentClaims } from '../../incident/absent-reference.ts'
import { atLeastOne, type Citation, cite, citeName } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt, valueAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import { type Pod, waitsForNode } from '../../incident/pod.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest, tellNames } from '../../incident/telling.ts'
import { groupByWorkload } from '../group.ts'
import { isCurrent } from '../recency.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'

/** A claim that gets no volume. */
export const pvcPendingProvisioning: Rule<'pvc-pending-provisioning'> = {
  id: 'pvc-pending-provisioning',
  title: 'A claim gets no volume',
  domain: 'storage',
  seeds: ['KIA 11.6.2'],
  needs: ['persistentvolumeclaims'],
  helps: ['events', 'storageclasses.storage.k8s.io', 'persistentvolumes', 'pods', 'aws-cloudtrail'],
  explains: ['volume-failing', 'unscheduled', 'not-starting', 'rollout-stalled', 'no-endpoints', 'not-ready'],
  explain: {
    mechanism:
      'A claim waits for a volume: its storage class does not exist or there is no default one, no existing volume fits it, nothing that could make one runs, or whoever makes it is refused. The pods that name the claim wait with it.',
    proof: [
      'The claim is Pending and its event ProvisioningFailed says why.',
      'spec.storageClassName names a class that does not exist, or names none and no class is the default.',
      'The claim is Lost: its volume is gone.',
    ],
    lookAlikes: [
      'WaitForFirstConsumer is no fault: the volume is made when a pod that uses it is placed; look at the pod.',
      'csi-controller-or-node-down: the driver that should make it does not run.',
      'ebs-kms-denied: the key is refused.',
      'quota-or-limitrange-exceeded: the claim could not even be created.',
    ],
    mitigate: [
      { says: 'Read its events.', command: 'kubectl describe pvc {name} -n {namespace}', changes: false },
      {
        says: 'Create the missing class, or, only while it is empty, make the claim anew with one that exists.',
        command: 'kubectl get storageclass',
        changes: false,
      },
    ],
    fix: ['Name classes that every cluster has, and have one default class.'],
    links: [
      'https://kubernetes.io/docs/concepts/storage/persistent-volumes/',
      'https://kubernetes.io/docs/concepts/storage/storage-classes/',
    ],
  },
  *evaluate(incident) {
    for (const claim of incident.objects('persistentvolumeclaims')) {
      const verdict = judge(incident, claim)
      if (verdict) yield verdict
    }
    yield* findMissingClaims(incident)
  },
}

/** A volume is made within seconds; a minute is long. */
const PATIENCE = 60 * 1000

function judge(incident: Incident, claim: KubeObject): Finding | Rejection | undefined {
  const { json, deleted, created, ref } = claim
  const phase = textAt(json, 'status', 'phase')
  if (phase === 'Lost')
    return describe(incident, claim, {
      says: 'its volume is gone',
      strength: 'proof',
      cites: [cite(claim, ['status', 'phase'])],
    })
  if (phase !== 'Pending' || deleted !== undefined) return undefined
  const why = whyPending(incident, claim)
  // What a component says needs no patience.
  if (incident.now - (created ?? 0) < PATIENCE && why?.strength !== 'proof') return undefined
  return why
    ? describe(incident, claim, why)
    : reject(ref, 'It waits for a pod that uses it to be placed, or nobody says why it waits.')
}

interface Why {
  readonly says: string
  readonly strength: Finding['strength']
  readonly cites: readonly Citation[]
}

/** What the components say goes first, then what the objects show. */
function whyPending(incident: Incident, claim: KubeObject): Why | undefined {
  const said = incident.saidAbout(claim.ref).filter((one) => isCurrent(incident, one))
  if (said.some(({ id }) => id === 'kms-key-unusable')) return undefined
  const failed = said.find(({ id }) => FAILURES.has(id))
  return (
    missingClass(incident, claim, said) ??
    (failed ? whyFailed(failed) : (noFittingVolume(incident, claim, said) ?? nobodyMakesIt(incident, said)))
  )
}

const FAILURES = new Set<string>([
  'provisioning-failed',
  'aws-access-denied',
  'aws-quota-exceeded',
  'no-default-storage-class',
  'volume-already-bound',
])

function whyFailed({ text, citation }: Said): Why {
  return { says: text.slice(0, 300), strength: 'proof', cites: [citation] }
}

function missingClass(incident: Incident, claim: KubeObject, said: readonly Said[]): Why | undefined {
  const told = said.find(({ id }) => id === 'missing-storage-class')
  const name = classOf(claim)
  if (told)
    return {
      says: `the storage class ${told.values.name} does not exist`,
      strength: 'proof',
      cites: [told.citation, cite(claim, ['spec', 'storageClassName'])],
    }
  if (!name || incident.find('StorageClass', undefined, name) || hasVolumesOf(incident, name)) return undefined
  if (!incident.coverage.isComplete('storageclasses.storage.k8s.io')) return undefined
  return {
    says: `the storage class ${name} does not exist`,
    strength: 'proof',
    cites: [cite(claim, ['spec', 'storageClassName'])],
  }
}

/** A class without an object may be a mere name that binds volumes and claims. */
function hasVolumesOf(incident: Incident, name: string): boolean {
  return incident.objects('persistentvolumes').some(({ json }) => textAt(json, 'spec', 'storageClassName') === name)
}

function classOf({ json, annotations }: KubeObject): string | undefined {
  const name = valueAt(json, 'spec', 'storageClassName') ?? annotations['volume.beta.kubernetes.io/storage-class']
  return typeof name === 'string' ? name : undefined
}

/** It can only be bound to a volume that exists, and none fits. */
function noFittingVolume(incident: Incident, claim: KubeObject, said: readonly Said[]): Why | undefined {
  const told = said.find(({ id }) => id === 'no-storage-class') ?? unbindable(incident, claim)
  if (!told) return undefined
  const name = classOf(claim)
  const isDefault = name === undefined && !hasDefaultClass(incident)
  const says = isDefault
    ? 'it names no storage class, and none is the default'
    : `no volume fits it${describeVolumes(incident, name ?? '')}`
  return {
    says,
    strength: isDefault || told.id === 'no-storage-class' ? 'proof' : 'strong',
    cites: [told.citation, cite(claim, ['spec'])],
  }
}

function unbindable(incident: Incident, claim: KubeObject): Said | undefined {
  const { ref } = claim
  const users = incident.usersOf('PersistentVolumeClaim', ref.namespace, ref.name).filter(waitsForNode)
  return users
    .flatMap((pod) => incident.saidAbout(pod.ref))
    .find((said) => isOfBinding(claim, said) && isCurrent(incident, said))
}

/** A claim without a class is bound to a volume that exists, or to none; of one with a class the pod may only wait for its volume to be made. */
function isOfBinding(claim: KubeObject, { id }: Said): boolean {
  return id === 'unbindable-volume-claim' || (id === 'unbound-volume-claim' && !classOf(claim))
}

/** What makes a class the one of claims that name none, today and before v1.6. */
const DEFAULT_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]

function hasDefaultClass(incident: Incident): boolean {
  return incident
    .objects('storageclasses.storage.k8s.io')
    .some(({ annotations }) => DEFAULT_CLASS.some((name) => annotations[name] === 'true'))
}

/** The volumes of its class that are not free, with what they are. */
function describeVolumes(incident: Incident, name: string): string {
  const volumes = incident
    .objects('persistentvolumes')
    .filter(({ json }) => textAt(json, 'spec', 'storageClassName') === name)
  if (volumes.length === 0)
    return name === '' ? '; there is none without a class' : `; there is none of class "${name}"`
  const few = volumes
    .slice(0, 3)
    .map(
      ({ ref, json }) =>
        `${ref.name} is ${textAt(json, 'status', 'phase')}, ${textAt(json, 'spec', 'capacity', 'storage')}`,
    )
  return `; ${few.join('; ')}`
}

/** Bound at once, by a provisioner that says nothing at all. */
function nobodyMakesIt(incident: Incident, said: readonly Said[]): Why | undefined {
  const told = said.find(({ id }) => id === 'volume-waits-for-provisioner')
  if (!told) return undefined
  const { provisioner = '' } = told.values
  const isKnown = incident.find('CSIDriver', undefined, provisioner) !== undefined
  const isSure = !isKnown && incident.coverage.isComplete('csidrivers.storage.k8s.io') && provisioner.includes('csi')
  return {
    says: `it waits for the provisioner ${provisioner}${isKnown ? '' : ', which no driver of the cluster has announced'}`,
    strength: isSure ? 'strong' : 'weak',
    cites: [told.citation],
  }
}

function describe(incident: Incident, claim: KubeObject, why: Why): Finding {
  const users = incident
    .usersOf('PersistentVolumeClaim', claim.ref.namespace, claim.ref.name)
    .filter((pod) => !pod.ready)
  return {
    kind: 'cause',
    subject: claim.ref,
    strength: why.strength,
    from: claim.created,
    says: `The claim ${claim.ref.name} has no volume: ${why.says} (${tellWaiting(users.length)} for it).`,
    cites: atLeastOne(why.cites.length > 0 ? why.cites : [citeName(claim)]),
    affects: uniqueRefs(users.flatMap(({ ref, workload }): Ref[] => [ref, workload])),
  }
}

/** Pods that name a claim that nobody made; the scheduler says so, or the complete list of claims, where nobody says anything. */
function* findMissingClaims(incident: Incident): Generator<Finding> {
  const told = new Set<string>()
  for (const { workload, pods, said } of groupByWorkload(incident, 'missing-volume-claim')) {
    const waiting = pods.filter(waitsForNode)
    const [first] = said.filter((one) => isCurrent(incident, one))
    if (waiting.length === 0 || !first) continue
    const name = first.values.name ?? ''
    if (incident.find('PersistentVolumeClaim', workload.namespace, name)) continue
    told.add(keyOf(workload))
    yield {
      kind: 'cause',
      subject: workload,
      strength: 'proof',
      from: earliest(said.map((one) => one.first)) ?? waiting[0]?.created,
      says: `${workload.name} names the claim ${name}, which does not exist (${tellWaiting(waiting.length)}).`,
      cites: [first.citation],
      affects: waiting.map(({ ref }) => ref),
    }
  }
  for (const { ref, pods } of incident.workloads) {
    const waiting = pods.filter((pod) => waitsForNode(pod) && incident.now - (pod.created ?? incident.now) > PATIENCE)
    const absent = waiting.flatMap((pod) => absentClaims(incident, pod))
    if (absent.length > 0 && !told.has(keyOf(ref))) yield describeAbsent(ref, waiting, absent)
  }
}

function describeAbsent(workload: Ref, pods: readonly Pod[], absent: readonly Absent[]): Finding {
  const names = [...new Set(absent.map(({ name }) => name))]
  return {
    kind: 'cause',
    subject: workload,
    strength: 'proof',
    from: earliest(pods.map(({ created }) => created)),
    says: `${workload.name} names the claim ${tellNames(names)}, which does not exist (${tellWaiting(pods.length)}).`,
    cites: atLeastOne(absent.slice(0, 3).map(({ citation }) => citation)),
    affects: pods.map(({ ref }) => ref),
  }
}

function tellWaiting(pods: number): string {
  return `${count(pods, 'pod')} ${pods === 1 ? 'waits' : 'wait'}`
}
