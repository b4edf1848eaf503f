import { type Citation, cite } from '../../incident/citation.ts'
import { readConditions } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import { parseQuantity } from '../../incident/quantity.ts'
import type { Said } from '../../incident/statement.ts'
import { earliest } from '../../incident/telling.ts'
import { isCurrent } from '../recency.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'

/** A claim that asks for more than its volume has, and does not get it. */
export const pvcResizeStuck: Rule<'pvc-resize-stuck'> = {
  id: 'pvc-resize-stuck',
  title: 'A volume does not grow to what its claim asks for',
  domain: 'storage',
  seeds: ['KIA 5.7.3'],
  needs: ['persistentvolumeclaims'],
  helps: ['events', 'pods', 'storageclasses.storage.k8s.io', 'aws-ec2'],
  explains: ['volume-failing', 'errors', 'crashing', 'not-starting', 'not-ready'],
  explain: {
    mechanism:
      'A claim grows in two steps: the disk, by the controller of the driver, then the file system, by the node that has it mounted. The first fails when the cloud refuses, as within hours of the last change; the second waits until a pod mounts the volume, with some drivers until it is restarted.',
    proof: [
      'spec.resources.requests.storage is larger than status.capacity.storage.',
      'Condition FileSystemResizePending, ControllerResizeError or NodeResizeError; event VolumeResizeFailed with the words of the cloud.',
    ],
    lookAlikes: [
      'A class without allowVolumeExpansion: the change is refused at once.',
      'pv-full: the volume is full and nobody asked for more.',
    ],
    mitigate: [
      {
        says: 'FileSystemResizePending: restart the pod that uses it.',
        command: 'kubectl describe pvc {name} -n {namespace}',
        changes: false,
      },
      { says: 'VolumeModificationRateExceeded: wait for the hours that the cloud demands.', changes: false },
    ],
    fix: ['Alert on volumes long before they are full, and grow them by enough at once.'],
    links: ['https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims'],
  },
  *evaluate(incident) {
    for (const claim of incident.objects('persistentvolumeclaims')) {
      const verdict = wantsMore(claim) ? judge(incident, claim) : undefined
      if (verdict) yield verdict
    }
  },
}

/** Both steps take less than this when nothing is wrong; EBS may optimise for longer, but serves at once. */
const PATIENCE = 5 * 60 * 1000

function wantsMore({ json, deleted }: KubeObject): boolean {
  const wanted = parseQuantity(textAt(json, 'spec', 'resources', 'requests', 'storage'))
  const has = parseQuantity(textAt(json, 'status', 'capacity', 'storage'))
  return (
    deleted === undefined &&
    textAt(json, 'status', 'phase') === 'Bound' &&
    wanted !== undefined &&
    has !== undefined &&
    wanted > has
  )
}

const ERRORS = new Set<string>([
  'volume-resize-failed',
  'volume-modification-cooldown',
  'volume-resize-error',
  'volume-not-expandable',
])

function judge(incident: Incident, claim: KubeObject): Finding | Rejection | undefined {
  const said = incident.saidAbout(claim.ref).filter((one) => isCurrent(incident, one))
  const failed = said.filter(({ id }) => ERRORS.has(id))
  const condition = readConditions(claim.json).find(
    ({ type, status }) => status === 'True' && (type.includes('Resiz') || type.includes('Modify')),
  )
  const isSlow = incident.now - (condition?.since ?? incident.now) > PATIENCE
  if (failed.length === 0 && !isSlow) return condition ? reject(claim.ref, 'It grows since a few minutes.') : undefined
  return describe(incident, claim, failed, condition)
}

function describe(
  incident: Incident,
  claim: KubeObject,
  failed: readonly Said[],
  condition: ReturnType<typeof readConditions>[number] | undefined,
): Finding {
  const sick = incident
    .usersOf('PersistentVolumeClaim', claim.ref.namespace, claim.ref.name)
    .filter((pod) => isSuffering(incident, pod))
  const words = failed[0]?.text ?? `${condition?.type}${condition?.message ? `: ${condition.message}` : ''}`
  const sources: readonly Citation[] = [
    ...failed.slice(0, 1).map(({ citation }) => citation),
    ...(condition ? [cite(claim, [...condition.path, 'type'])] : []),
  ]
  return {
    kind: sick.length > 0 ? 'cause' : 'risk',
    subject: claim.ref,
    strength: failed.length > 0 ? 'proof' : 'strong',
    from: earliest([condition?.since, ...failed.map((one) => one.first)]),
    says: `${claim.ref.name} asks for ${textAt(claim.json, 'spec', 'resources', 'requests', 'storage')} and has ${textAt(claim.json, 'status', 'capacity', 'storage')}: ${words.slice(0, 250)}.`,
    cites: [
      cite(claim, ['spec', 'resources', 'requests', 'storage']),
      cite(claim, ['status', 'capacity', 'storage']),
      ...sources,
    ],
    affects: sick.map(({ ref }) => ref),
  }
}
