import type { Citation } from '../incident/citation.ts'
import type { Incident } from '../incident/incident.ts'
import { isSaidNow } from '../incident/lately.ts'
import { type LoggedLine, loggedAt } from '../incident/logged-line.ts'
import type { MessageId } from '../incident/messages/index.ts'
import { keyOf, type Ref, uniqueRefs } from '../incident/reference.ts'
import type { Said } from '../incident/statement.ts'
import { sufferersOfWorkload } from '../incident/sufferers-of-workload.ts'
import { breaksOut } from './breaks-out.ts'
import { isLive } from './live.ts'
import { MANY_LINES } from './outbreak.ts'
import { isSuffering } from './suffering.ts'
import { timesOf } from './times-of.ts'

/** A workload, or another object, of which something is said until now. */
export interface Caller {
  readonly ref: Ref
  readonly said: readonly [Said, ...Said[]]
  /** Whether pods of it are not well, or it is no workload with pods at all. */
  readonly suffers: boolean
  readonly lines: number
}

/** Who says one of these things until now, in the order of their names. */
export function callersSaying(incident: Incident, ...ids: readonly MessageId[]): readonly Caller[] {
  return groupCallers(
    incident,
    incident.said(...ids).filter((one) => isSaidNow(incident, one) || isLive(incident, one)),
  )
}

/** Groups what is said by who says it. */
export function groupCallers(incident: Incident, said: readonly Said[]): readonly Caller[] {
  const groups = Map.groupBy(said, ({ about }) => keyOf(incident.topOf(about)))
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, members]) => callerOf(incident, members as [Said, ...Said[]]))
}

function callerOf(incident: Incident, said: readonly [Said, ...Said[]]): Caller {
  const ref = incident.topOf(said[0].about)
  const pods = incident.workloadOf(ref)?.pods ?? []
  return {
    ref,
    said,
    suffers: pods.length === 0 || pods.some((pod) => isSuffering(incident, pod)),
    lines: timesOf(said),
  }
}

/** Whether what a caller says is more than what programs say now and then: it is not well, its log is full of it, or others tell it again and again. */
export function isSerious(incident: Incident, { suffers, said }: Caller): boolean {
  if (suffers) return true
  const [logged, told] = [said.filter(({ source }) => source === 'log'), said.filter(({ source }) => source !== 'log')]
  return timesOf(told) >= MANY_LINES || breaksOut(incident, linesOf(incident, logged))
}

function linesOf(incident: Incident, logged: readonly Said[]): readonly LoggedLine[] {
  return logged.flatMap(({ citation }) => loggedAt(incident, citation) ?? [])
}

/** Callers with all that suffers with them. */
export function sufferersOfCallers(incident: Incident, callers: readonly Caller[]): readonly Ref[] {
  const abouts = callers.flatMap(({ said }) => said.map(({ about: { container: _, ...ref } }) => ref))
  return uniqueRefs([...callers.flatMap(({ ref }) => sufferersOfWorkload(incident, ref)), ...abouts])
}

/** Places of what callers say, of different ones first. */
export function citeCallers(callers: readonly Caller[], most = 3): readonly Citation[] {
  const first = callers.map(({ said }) => said[0].citation)
  const rest = callers.flatMap(({ said }) => said.slice(1).map(({ citation }) => citation))
  return [...first, ...rest].slice(0, most)
}
