import { at, isSet, isTerminating, isTrue, type KubeObject, number, size, text, textOr } from './access.ts'
import { age, humanDuration, instant } from './age.ts'
import { AGE, column, NAME, wide } from './column.ts'
import { wideContainers } from './containers.ts'
import { formatSelector } from './labels.ts'
import { tables } from './table.ts'

/** What runs pods to their end. */
export const jobs = tables({
  'jobs.batch': [
    NAME,
    column('Status', 'string', describeStatus),
    column('Completions', 'string', describeCompletions),
    column('Duration', 'string', describeDuration),
    AGE,
    ...wideContainers('spec', 'template'),
    wide('Selector', 'string', (job) => formatSelector(at(job, 'spec', 'selector'))),
  ],
  'cronjobs.batch': [
    NAME,
    column('Schedule', 'string', (object) => text(object, 'spec', 'schedule')),
    column('Timezone', 'string', (object) => textOr('<none>', object, 'spec', 'timeZone')),
    column('Suspend', 'boolean', describeSuspension),
    column('Active', 'integer', (object) => size(object, 'status', 'active')),
    column('Last Schedule', 'string', describeLastSchedule),
    AGE,
    ...wideContainers('spec', 'jobTemplate', 'spec', 'template'),
    wide('Selector', 'string', (object) => formatSelector(at(object, 'spec', 'jobTemplate', 'spec', 'selector'))),
  ],
})

function describeStatus(job: KubeObject): string {
  if (isTrue(job, 'Complete')) return 'Complete'
  if (isTrue(job, 'Failed')) return 'Failed'
  if (isTerminating(job)) return 'Terminating'
  if (isTrue(job, 'Suspended')) return 'Suspended'
  if (isTrue(job, 'FailureTarget')) return 'FailureTarget'
  return isTrue(job, 'SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running'
}

function describeCompletions(job: KubeObject): string {
  const succeeded = number(job, 'status', 'succeeded')
  if (isSet(job, 'spec', 'completions')) return `${succeeded}/${number(job, 'spec', 'completions')}`
  const parallelism = number(job, 'spec', 'parallelism')
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function describeDuration(job: KubeObject, now: Date): string {
  const start = instant(at(job, 'status', 'startTime'))
  if (start === undefined) return ''
  return humanDuration((instant(at(job, 'status', 'completionTime')) ?? now.getTime()) - start)
}

function describeSuspension(job: KubeObject): string {
  const suspend = at(job, 'spec', 'suspend')
  if (suspend === undefined) return '<unset>'
  return suspend === true ? 'True' : 'False'
}

function describeLastSchedule(job: KubeObject, now: Date): string {
  const last = at(job, 'status', 'lastScheduleTime')
  return last === undefined ? '<none>' : age(last, now)
}
