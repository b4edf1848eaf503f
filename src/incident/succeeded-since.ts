import { conditionOf, readConditions } from './condition.ts'
import type { Incident } from './incident.ts'
import { timeAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import { keyOf, type Ref } from './reference.ts'

/** When a Job, or another run of its CronJob, succeeded after a moment; undefined where none has. */
export function succeededSince(incident: Incident, ref: Ref, at: number): number | undefined {
  const top = incident.topOf(ref)
  if (top.kind !== 'Job' && top.kind !== 'CronJob') return undefined
  const cron = incident.find('CronJob', top.namespace, top.name)
  const runs = incident.objects('jobs.batch').filter((job) => keyOf(incident.topOf(job.ref)) === keyOf(top))
  const successes = [
    top.kind === 'CronJob' ? timeAt(cron?.json, 'status', 'lastSuccessfulTime') : undefined,
    ...runs.map(successOf),
  ]
  return successes.find((one) => one !== undefined && one > at)
}

/** A Job that has all its completions. */
function successOf({ json }: KubeObject): number | undefined {
  const complete = conditionOf(readConditions(json), 'Complete')
  if (complete?.status !== 'True') return undefined
  return timeAt(json, 'status', 'completionTime') ?? complete.since
}
