import { atLeastOne, type Citations, cite } from './citation.ts'
import { reasonsIn } from './classes-of-text.ts'
import { type Condition, readConditions } from './condition.ts'
import type { Incident } from './incident.ts'
import { textAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import { isOfThePast } from './of-the-past.ts'
import { onceFor } from './once-for.ts'
import { badPhaseOf } from './phase.ts'

/** A custom resource that says that it is not well. */
export interface Unwell {
  readonly object: KubeObject
  /** `says Ready=False (UpgradeFailed)`, `is Unavailable`. */
  readonly state: string
  /** What it says beside; may be empty. */
  readonly message: string
  readonly since: number | undefined
  readonly cites: Citations
}

/** The custom resources whose conditions, or whose phase, say that they are not well, in the order of their kinds. */
export const findUnwell = onceFor((incident: Incident): readonly Unwell[] =>
  incident.resources
    .filter(isCustom)
    .flatMap((resource) => incident.objects(resource))
    .filter(({ deleted }) => deleted === undefined)
    .flatMap((object) => byCondition(object, incident.now) ?? byPhase(object, incident.now) ?? [])
    .map(withTellingWords),
)

/** What says only that it is not ready may say why in another place of its status: CloudNativePG, Argo CD. */
const ELSEWHERE = [
  'phaseReason',
  'operationState.message',
  'failureMessage',
  'errorMessage',
  'error.message',
  'message',
]

function withTellingWords(unwell: Unwell): Unwell {
  const { object, message, cites } = unwell
  if (reasonsIn(message).length > 0) return unwell
  const paths = ELSEWHERE.map((place) => ['status', ...place.split('.')])
  const path = paths.find((one) => reasonsIn(textAt(object.json, ...one)).length > 0) ?? failedOperation(object)
  return path ? { ...unwell, message: textAt(object.json, ...path), cites: [cite(object, path), ...cites] } : unwell
}

/** Groups of Kubernetes itself have rules of their own. */
function isCustom(resource: string): boolean {
  const group = resource.split('.').slice(1).join('.')
  const isOfItsOwn = ['gateway', 'cluster', 'snapshot'].some((one) => group.includes(one))
  return group.includes('.') && (!group.endsWith('.k8s.io') || isOfItsOwn)
}

/** What Argo CD says of its last try, which says why an application is not as it should be. */
function failedOperation({ json }: KubeObject): readonly string[] | undefined {
  const hasFailed = /^(?:Failed|Error)$/.test(textAt(json, 'status', 'operationState', 'phase'))
  const path = ['status', 'operationState', 'message']
  return hasFailed && textAt(json, ...path) !== '' ? path : undefined
}

function byCondition(object: KubeObject, now: number): Unwell | undefined {
  const bad = readConditions(object.json).find((one) => isBad(one) && !isPassing(one, now) && !isPast(object, one, now))
  if (!bad) return undefined
  const { type, status, reason, message, since, path } = bad
  return {
    object,
    state: status === '' ? `says ${type}` : `says ${type}=${status} (${reason})`,
    message,
    since,
    cites: [cite(object, [...path, message !== '' ? 'message' : status === '' ? 'type' : 'status'])],
  }
}

/** What is made or moved is not ready for a moment: a Deployment moves on within three minutes. */
const MOMENT = 3 * 60 * 1000

function isPassing({ since }: Condition, now: number): boolean {
  return since !== undefined && now - since < MOMENT
}

/** A request that was refused or has failed, and not one that waits still, is over. */
function isPast(object: KubeObject, { reason, type, since }: Condition, now: number): boolean {
  const hasEnded = BAD.includes(type) || /fail|denied|error|invalid|expired|cancel/i.test(reason)
  return hasEnded && isOfThePast(object, since, now)
}

/** Types of conditions that controllers use, well when they are true. */
const GOOD: readonly string[] = [
  'Ready',
  'Available',
  'Healthy',
  'Synced',
  'Reconciled',
  'Established',
  'Accepted',
  'Programmed',
  'Issued',
  'Initialized',
  'Launched',
  'Registered',
]

/** Types that are well when they are false. */
const BAD: readonly string[] = ['Degraded', 'Failed', 'Stalled', 'Error', 'Failure', 'ReconcileError', 'NotReady']

/** Argo CD's conditions have no status: they are there while they hold, and those whose type ends with Error are errors (v1alpha1, IsError). */
function isBad({ type, status }: Condition): boolean {
  if (status === '') return type.endsWith('Error')
  return (status === 'False' && GOOD.includes(type)) || (status === 'True' && BAD.includes(type))
}

function byPhase(object: KubeObject, now: number): Unwell | undefined {
  const bad = badPhaseOf(object, now)
  return (
    bad && {
      object,
      state: `is ${bad.word}`,
      message: bad.message,
      since: bad.since,
      cites: atLeastOne([...(bad.messagePath ? [cite(object, bad.messagePath)] : []), cite(object, bad.path)]),
    }
  )
}
