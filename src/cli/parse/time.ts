import { DURATION_FORMS, readDuration } from './duration.ts'
import { invalidOption } from './invalid.ts'

/** RFC 3339 with a zone: without one, nobody knows which clock was meant. */
const RFC3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)$/

/** A point in time: RFC 3339, or a duration before `now`. Throws OPTION_INVALID. */
export function parseTime(option: string, text: string, now: Date): Date {
  const ago = readDuration(text)
  if (ago !== undefined) return new Date(now.getTime() - ago)
  const time = RFC3339.test(text) ? new Date(text.toUpperCase().replace(' ', 'T')) : undefined
  if (time === undefined || Number.isNaN(time.getTime())) {
    throw invalidOption(
      option,
      text,
      'is not a time',
      `Write it as 2026-01-31T23:59:59Z, or as a duration ago: ${DURATION_FORMS}.`,
    )
  }
  if (time > now) throw invalidOption(option, text, 'lies in the future', 'Name a time before now.')
  return time
}
