import { atLeastOne, cite, citeName } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import type { Finding, Rule } from '../rule.ts'
import { attachmentsOf, volumeOf } from './volumes.ts'

/** A claim or a volume that was deleted and is still in use. */
export const pvProtectionStuck: Rule<'pv-protection-stuck'> = {
  id: 'pv-protection-stuck',
  title: 'A deleted claim or volume stays, because it is in use',
  domain: 'storage',
  needs: ['persistentvolumeclaims', 'persistentvolumes'],
  helps: ['pods', 'volumeattachments.storage.k8s.io'],
  explains: ['stuck-terminating', 'volume-failing'],
  explain: {
    mechanism:
      'Finalizers keep a claim while a pod names it, and a volume while a claim is bound to it or a node has it attached. Who deletes it sees it Terminating until the last user is gone.',
    proof: [
      'deletionTimestamp is set, the finalizer kubernetes.io/pvc-protection, kubernetes.io/pv-protection or external-attacher/… is there, and a pod, a claim or a VolumeAttachment still uses it.',
    ],
    lookAlikes: [
      'A finalizer of an operator that is gone: cr-finalizer-lb-or-volume-leak.',
      'csi-controller-or-node-down: nobody detaches or deletes.',
    ],
    mitigate: [
      {
        says: 'Remove the pod that uses it, or the attachment of a dead node; leave the finalizers alone, they guard data.',
        command: 'kubectl get pods -A -o wide',
        changes: false,
      },
    ],
    fix: ['Delete workloads before their claims.'],
    links: ['https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection'],
  },
  *evaluate(incident) {
    for (const claim of incident.objects('persistentvolumeclaims'))
      if (isKept(incident, claim)) yield* judgeClaim(incident, claim)
    for (const volume of incident.objects('persistentvolumes'))
      if (isKept(incident, volume)) yield* judgeVolume(incident, volume)
  },
}

/** What is not in use is gone within seconds; detaching takes a minute or two. */
const PATIENCE = 2 * 60 * 1000

const GUARD = /^kubernetes\.io\/pvc?-protection$|^external-attacher\/|^external-provisioner\./

function isKept({ now }: Incident, { deleted, finalizers }: KubeObject): boolean {
  return deleted !== undefined && now - deleted > PATIENCE && finalizers.some((one) => GUARD.test(one))
}

function* judgeClaim(incident: Incident, claim: KubeObject): Generator<Finding> {
  const users = incident
    .usersOf('PersistentVolumeClaim', claim.ref.namespace, claim.ref.name)
    .filter(({ phase }) => phase !== 'Succeeded' && phase !== 'Failed')
  const [user] = users
  if (!user) return
  yield describe(
    claim,
    `pod ${user.ref.name} still uses it`,
    [citeName(user)],
    uniqueRefs(users.filter(({ deleted, ready }) => deleted !== undefined || !ready).map(({ ref }) => ref)),
  )
}

function* judgeVolume(incident: Incident, volume: KubeObject): Generator<Finding> {
  const name = textAt(volume.json, 'spec', 'claimRef', 'name')
  const claim = incident.find('PersistentVolumeClaim', textAt(volume.json, 'spec', 'claimRef', 'namespace'), name)
  const [attachment] = attachmentsOf(incident, volume.ref.name)
  const isBound = claim !== undefined && volumeOf(incident, claim)?.ref.name === volume.ref.name
  if (isBound && claim)
    yield describe(volume, `the claim ${claim.ref.name} is still bound to it`, [citeName(claim)], [claim.ref])
  else if (attachment)
    yield describe(
      volume,
      `it is still attached to node ${textAt(attachment.json, 'spec', 'nodeName')}`,
      [cite(attachment, ['spec', 'nodeName'])],
      [attachment.ref],
    )
}

function describe(
  object: KubeObject,
  why: string,
  cites: readonly ReturnType<typeof cite>[],
  affects: Finding['affects'],
): Finding {
  return {
    kind: 'cause',
    subject: object.ref,
    strength: 'proof',
    from: object.deleted,
    says: `${object.ref.kind} ${object.ref.name} was deleted and stays: ${why}.`,
    cites: atLeastOne([cite(object, ['metadata', 'finalizers']), ...cites]),
    affects: affects ?? [],
  }
}
