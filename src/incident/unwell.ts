import { atLeastOne, type Citations, cite } from './citation.ts'
import { type Condition, readConditions } from './condition.ts'
import type { Incident } from './incident.ts'
import type { KubeObject } from './object.ts'
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
export function findUnwell(incident: Incident): readonly Unwell[] {
  return incident.resources
    .filter(isCustom)
    .flatMap((resource) => incident.objects(resource))
    .filter(({ deleted }) => deleted === undefined)
    .flatMap((object) => byCondition(object) ?? byPhase(object, incident.now) ?? [])
}

/** Groups of Kubernetes itself have rules of their own. */
function isCustom(resource: string): boolean {
  const group = resource.split('.').slice(1).join('.')
  const isOfItsOwn = ['gateway', 'cluster', 'snapshot'].some((one) => group.includes(one))
  return group.includes('.') && (!group.endsWith('.k8s.io') || isOfItsOwn)
}

function byCondition(object: KubeObject): Unwell | undefined {
  const bad = readConditions(object.json).find(isBad)
  return (
    bad && {
      object,
      state: `says ${bad.type}=${bad.status} (${bad.reason})`,
      message: bad.message,
      since: bad.since,
      cites: [cite(object, [...bad.path, bad.message === '' ? 'status' : 'message'])],
    }
  )
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

function isBad({ type, status }: Condition): boolean {
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
