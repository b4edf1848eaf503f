import { atLeastOne, type Citation } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { earliest } from '../../incident/telling.ts'
import { type Caller, citeCallers, isSerious, sufferersOfCallers } from '../callers.ts'
import type { Finding, Strength } from '../rule.ts'

/** A finding about a caller that AWS refused, or did not answer. */
export function describeRefused(
  incident: Incident,
  caller: Caller,
  rest: {
    readonly strength: Strength
    readonly says: string
    readonly cites?: readonly Citation[]
    readonly missing?: readonly string[]
  },
): Finding {
  return {
    kind: 'cause',
    subject: caller.ref,
    strength: rest.strength,
    from: earliest(caller.said.map(({ first }) => first)),
    says: rest.says,
    cites: atLeastOne([...citeCallers([caller]), ...(rest.cites ?? [])]),
    affects: sufferersOfCallers(incident, [caller]),
    ...(rest.missing ? { missing: rest.missing } : {}),
  }
}

/** A caller that is well, and that was refused a few times. */
export function isWell(incident: Incident, caller: Caller): boolean {
  return !isSerious(incident, caller)
}
