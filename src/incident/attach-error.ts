import { cite } from './citation.ts'
import { isTrueAt, textAt, timeAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import type { Pod } from './pod.ts'
import type { Statement } from './statement.ts'

/** Where a driver's refusal stands in a VolumeAttachment (storage/v1, VolumeAttachmentStatus). */
const FIELDS = { attach: 'attachError', detach: 'detachError' } as const

/** What drivers say in VolumeAttachments, of the pods that wait for the volume: it stays when events are gone, and is what events repeat. */
export function* statementsOfAttachments(
  attachments: readonly KubeObject[],
  claims: readonly KubeObject[],
  pods: readonly Pod[],
): Generator<Statement> {
  const failed = attachments.flatMap((attachment) => {
    const step = failedStep(attachment)
    return step === undefined ? [] : [{ attachment, step }]
  })
  if (failed.length === 0) return
  const waiting = pods.filter(({ phase, node, deleted }) => phase === 'Pending' && node !== '' && deleted === undefined)
  for (const { attachment, step } of failed)
    for (const pod of waiting.filter((one) => waitsFor(attachment, step, one, claims)))
      yield readError(attachment, step, pod)
}

type Step = keyof typeof FIELDS

function failedStep({ json, deleted }: KubeObject): Step | undefined {
  if (deleted !== undefined && textAt(json, 'status', FIELDS.detach, 'message') !== '') return 'detach'
  const isRefused = textAt(json, 'status', FIELDS.attach, 'message') !== '' && !isTrueAt(json, 'status', 'attached')
  return isRefused && deleted === undefined ? 'attach' : undefined
}

/** Whoever is on the node to which it does not come, or elsewhere while another does not let it go. */
function waitsFor({ json }: KubeObject, step: Step, pod: Pod, claims: readonly KubeObject[]): boolean {
  const volume = textAt(json, 'spec', 'source', 'persistentVolumeName')
  const isThere = pod.node === textAt(json, 'spec', 'nodeName')
  if (volume === '' || isThere !== (step === 'attach')) return false
  return claims.some(
    (claim) =>
      claim.ref.namespace === pod.ref.namespace &&
      textAt(claim.json, 'spec', 'volumeName') === volume &&
      (pod.uses.some(({ kind, name }) => kind === 'PersistentVolumeClaim' && name === claim.ref.name) ||
        claim.owners.some(({ kind, name }) => kind === 'Pod' && name === pod.ref.name)),
  )
}

function readError(attachment: KubeObject, step: Step, { ref }: Pod): Statement {
  const path = ['status', FIELDS[step]]
  return {
    source: 'status',
    about: ref,
    reason: FIELDS[step],
    text: textAt(attachment.json, ...path, 'message'),
    count: 1,
    first: timeAt(attachment.json, ...path, 'time'),
    last: undefined,
    cite: (words) => cite(attachment, [...path, 'message'], words),
  }
}
