import type { Incident } from '../incident/incident.ts'
import { CLUSTER } from '../incident/reference.ts'
import type { Candidate } from './candidate.ts'
import type { CitationList } from './citation-list.ts'
import type { Fact } from './fact.ts'
import { otherChanges } from './other-changes.ts'
import type { Moment } from './report.ts'
import { writeTime } from './write-time.ts'

/** Moments that a report shows; a longer list is read by nobody. */
const MOST = 60

/** Kubernetes writes most times in whole seconds. */
const ROUNDING = 1000

/** What happened when, of what the report tells: changes, onsets of causes and symptoms, the capture itself; oldest first. */
export function buildTimeline(
  incident: Incident,
  facts: readonly Fact[],
  candidates: readonly Candidate[],
  citations: CitationList,
): readonly Moment[] {
  const told = new Set(candidates.flatMap(({ fact, reach }) => [fact, ...reach.sure.keys()]))
  const moments = [
    ...[...candidates.flatMap(({ triggers }) => triggers), ...otherChanges(incident, candidates)].map(
      ({ at, about, says, cites }) => ({ at, about, says, kind: 'change' as const, cites }),
    ),
    ...facts
      .filter((fact) => told.has(fact) && fact.finding.from !== undefined)
      .map(({ finding }) => ({
        at: finding.from ?? 0,
        about: finding.subject,
        says: finding.says,
        kind: finding.kind === 'symptom' ? ('symptom' as const) : ('cause' as const),
        cites: finding.cites,
      })),
  ]
  const unique = new Map(moments.map((moment) => [`${moment.at} ${moment.says}`, moment]))
  const dated = [...unique.values()].sort((a, b) => a.at - b.at || (a.says < b.says ? -1 : 1)).slice(0, MOST)
  return [
    ...dated.map(
      ({ at, about, says, kind, cites }): Moment => ({
        at: writeTime(at) ?? '',
        uncertainty: ROUNDING,
        about,
        kind,
        says,
        cites: cites.map(citations.numberOf),
      }),
    ),
    {
      at: writeTime(incident.start) ?? '',
      uncertainty: ROUNDING,
      about: CLUSTER,
      kind: 'capture',
      says: 'The capture began.',
      cites: [],
    },
    {
      at: writeTime(incident.now) ?? '',
      uncertainty: ROUNDING,
      about: CLUSTER,
      kind: 'capture',
      says: 'The capture ended.',
      cites: [],
    },
  ]
}
