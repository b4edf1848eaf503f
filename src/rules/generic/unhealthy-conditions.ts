import type { Incident } from '../../incident/incident.ts'
import { madeBy } from '../../incident/made-by.ts'
import { findUnwell, type Unwell } from '../../incident/unwell.ts'
import type { Finding, Rule } from '../rule.ts'
import { symptomExplanation } from './symptom.ts'

/** Custom resources whose conditions, or whose phase, say that they are not well. */
export const unhealthyConditions: Rule<'unhealthy-conditions'> = {
  id: 'unhealthy-conditions',
  title: 'A resource says that it is not well',
  domain: 'generic',
  needs: [],
  explains: [],
  explain: symptomExplanation(
    'Operators report in conditions, or in a word such as a phase, whether what they look after is well.',
    'Ready, Available, Healthy, Synced, Reconciled or a like condition is False, or Degraded, Failed, Stalled or Error is True, of a custom resource; or its phase, state or health is Failed, Error, Unavailable, Degraded or a like word.',
  ),
  *evaluate(incident) {
    for (const unwell of findUnwell(incident)) yield describe(incident, unwell)
  },
}

function describe(incident: Incident, { object, state, message, since, cites }: Unwell): Finding {
  const { ref } = object
  return {
    kind: 'symptom',
    symptom: 'unhealthy-condition',
    subject: ref,
    strength: 'strong',
    from: since,
    says: `${ref.kind} ${ref.name} ${state}${message === '' ? '.' : `: ${message.slice(0, 200)}`}`,
    cites,
    affects: madeBy(incident, object),
  }
}
