import { cite } from '../../incident/citation.ts'
import { conditionOf, readConditions } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import type { KubeObject } from '../../incident/object.ts'
import { keyOf } from '../../incident/reference.ts'
import { RECENT } from '../recency.ts'
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
    'Condition Failed True within the last hour, with BackoffLimitExceeded or DeadlineExceeded.',
  ),
  *evaluate(incident) {
    const failed = incident.objects('jobs.batch').filter((job) => hasFailed(incident, job))
    const groups = Map.groupBy(failed, ({ ref }) => keyOf(incident.topOf(ref)))
    for (const [, jobs] of groups) yield describe(incident, jobs)
  },
}

function hasFailed({ start }: Incident, { json }: KubeObject): boolean {
  const failed = conditionOf(readConditions(json), 'Failed')
  return failed?.status === 'True' && (failed.since ?? 0) >= start - RECENT
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
    says: `The Job ${job.ref.name} failed with ${failed?.reason}: ${failed?.message}`,
    cites: [cite(job, [...(failed?.path ?? []), 'reason'])],
    affects: jobs.map(({ ref }) => ref),
  }
}
