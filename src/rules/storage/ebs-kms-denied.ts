import type { Incident } from '../../incident/incident.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { earliest } from '../../incident/telling.ts'
import { isCurrent } from '../recency.ts'
import type { Finding, Rule } from '../rule.ts'

/** A key of which the cloud may not make use, so that disks are not made, not attached, or machines end while they start. */
export const ebsKmsDenied: Rule<'ebs-kms-denied'> = {
  id: 'ebs-kms-denied',
  title: 'The key of an encrypted volume may not be used',
  domain: 'storage',
  needs: ['events'],
  helps: ['persistentvolumeclaims', 'logs', 'aws-cloudtrail', 'aws-ec2'],
  explains: ['volume-failing', 'unscheduled', 'not-starting', 'not-scaling', 'unhealthy-condition'],
  explain: {
    mechanism:
      'An encrypted disk needs its key when it is made and attached. When the key is disabled, deleted, or not granted to who asks, the disk appears and is deleted at once, and a machine with such a root disk ends before it is ready.',
    proof: [
      '`Client.InvalidKMSKey.…`, KMSInvalidStateException, KMSKeyNotAccessibleFault in the event of the claim, the pod or the node.',
      'Client.InternalError as the reason why a machine ended while it started.',
    ],
    lookAlikes: [
      'kms-key-disabled: Secrets of the API server cannot be read.',
      'pvc-pending-provisioning: the refusal names ec2, not kms.',
    ],
    mitigate: [{ says: 'Restore the policy or grant of the key, in the account of the key.', changes: true }],
    fix: [
      'Grant the role of the driver, and the service role of auto scaling, kms:CreateGrant and kms:GenerateDataKeyWithoutPlaintext.',
    ],
    links: ['https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html'],
  },
  *evaluate(incident) {
    const said = incident
      .said('kms-key-unusable', 'ec2-launch-internal-error')
      .filter((one) => isRelevant(incident, one))
    for (const [, members] of Map.groupBy(said, ({ about }) => `${about.kind}/${about.namespace}/${about.name}`))
      yield describe(incident, members as [Said, ...Said[]])
  },
}

const KINDS = new Set([
  'PersistentVolumeClaim',
  'PersistentVolume',
  'VolumeAttachment',
  'Pod',
  'Node',
  'NodeClaim',
  'NodePool',
])

/** A log may speak of any key; drivers of storage speak of theirs. */
function isRelevant(incident: Incident, said: Said): boolean {
  const isDriver = said.source !== 'log' || /csi|karpenter|autoscaler/.test(said.about.name)
  return isCurrent(incident, said) && KINDS.has(said.about.kind) && isDriver
}

function describe(incident: Incident, said: readonly [Said, ...Said[]]): Finding {
  const [{ about, citation, text, id }] = said
  const users =
    about.kind === 'PersistentVolumeClaim' ? incident.usersOf('PersistentVolumeClaim', about.namespace, about.name) : []
  return {
    kind: 'cause',
    subject: about.kind === 'Pod' ? incident.topOf(about) : about,
    strength: id === 'kms-key-unusable' ? 'proof' : 'weak',
    from: earliest(said.map((one) => one.first)),
    says: `The key of an encrypted volume may not be used (${about.kind} ${about.name}): ${text.slice(0, 250)}.`,
    cites: [citation],
    affects: uniqueRefs(
      [about, ...users.filter((pod) => !pod.ready).map(({ ref }) => ref)].map(({ container: _, ...ref }) => ref),
    ),
  }
}
