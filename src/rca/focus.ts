import { FreezeframeError } from '../error.ts'
import type { Incident } from '../incident/incident.ts'
import type { Ref } from '../incident/reference.ts'

/** Throws FOCUS_MISSING where the bundle does not hold the object that an analysis is narrowed to. */
export function requireFocus(incident: Incident, focus: Ref): void {
  if (incident.find(focus.kind, focus.namespace, focus.name) || incident.workloadOf(focus)) return
  throw new FreezeframeError(
    'FOCUS_MISSING',
    `The bundle holds no ${focus.kind} ${focus.namespace ? `${focus.namespace}/` : ''}${focus.name}.`,
    { remedy: 'Give kind/namespace/name of an object that was captured; freezeframe serve shows what there is.' },
  )
}
