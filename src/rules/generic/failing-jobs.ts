import { cite } from '../../incident/citation.ts'
import { conditionOf, readConditions } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import { numberAt } from '../../incident/kubernetes.ts'
import { RECENT } from '../../incident/lately.ts'
import type { KubeObject } from '../../incident/object.ts'
import { keyOf } from '../../incident/reference.ts'
import { succeededSince } from '../../incident/succeeded-since.ts'
import type { Finding, Rule } from '../rule.ts'
import { symptomExplanation } from './symptom.ts'

/** Jobs that failed lately. */
export const failingJobs: Rule<'failing-jobs'> = {
  id: 'failing-jobs',
  title: 'Jobs fail',
  domain: 'generic',
  needs: ['jobs.batch'],
  explains: [],
  explain: symptomExplanation(
    'A Job used up its tries or its time.',
    'Condition Failed True within the last hour, with BackoffLimitExceeded or DeadlineExceeded, and no run of the same CronJob that succeeded since.',
  ),
  *evaluate(incident) {
    const failed = incident.objects('jobs.batch').filter((job) => hasFailed(incident, job))
    const groups = Map.groupBy(failed, ({ ref }) => keyOf(incident.topOf(ref)))
    for (const [, jobs] of groups) yield describe(incident, jobs)
  },
}

function hasFailed(incident: Incident, { json, ref }: KubeObject): boolean {
  const failed = conditionOf(readConditions(json), 'Failed')
  if (failed?.status !== 'True' || (failed.since ?? 0) < incident.start - RECENT) return false
  return succeededSince(incident, ref, failed.since ?? 0) === undefined
}

function describe(incident: Incident, jobs: readonly KubeObject[]): Finding {
  const job = jobs.at(-1) as KubeObject
  const failed = conditionOf(readConditions(job.json), 'Failed')
  const top = incident.topOf(job.ref)
  return {
    kind: 'symptom',
    symptom: 'job-failing',
    subject: top,
    strength: 'proof',
    from: failed?.since,
    says: `The Job ${job.ref.name} failed with ${failed?.reason}: ${failed?.message}${tellLimit(job, failed?.reason)}`,
    cites: [cite(job, [...(failed?.path ?? []), 'reason'])],
    affects: jobs.map(({ ref }) => ref),
  }
}

/** The limit that a Job came to. */
function tellLimit({ json }: KubeObject, reason = ''): string {
  const field = LIMITS[reason]
  const limit = field && numberAt(json, 'spec', field)
  return limit === undefined ? '' : ` (${field} ${limit})`
}

const LIMITS: Readonly<Record<string, string>> = {
  BackoffLimitExceeded: 'backoffLimit',
  DeadlineExceeded: 'activeDeadlineSeconds',
}
