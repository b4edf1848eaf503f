import { DURATION_FORMS, readDuration } from './duration.ts'
import { invalidOption } from './invalid.ts'

/** RFC 3339 with a zone: without one, nobody knows which clock was meant. */
const RFC3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)$/

/** The first moment that the API server takes: it reads times as Go does, whose zero is this one (Go, time.Time). */
const EARLIEST = new Date('0001-01-01T00:00:00Z')

/** A point in time before `now`: RFC 3339, or a duration before it. Throws OPTION_INVALID. */
export function parseTime(option: string, text: string, now: Date): Date {
  const time = parseTimeOrAgo(option, text, now)
  if (time > now) throw invalidOption(option, text, 'lies in the future', 'Name a time before now.')
  return time
}

/** A point in time, whenever that is: RFC 3339, or a duration before `end`. Throws OPTION_INVALID. */
export function parseTimeOrAgo(option: string, text: string, end: Date): Date {
  const ago = readDuration(text)
  const time = ago === undefined ? readTime(text) : new Date(end.getTime() - ago)
  // An invalid date is not after anything.
  if (time !== undefined && time >= EARLIEST) return time
  const remedy = `Write it as 2026-01-31T23:59:59Z, or as a duration ago: ${DURATION_FORMS}.`
  throw invalidOption(option, text, 'is not a time', remedy)
}

/** Undefined for what is no time, or no day of the calendar: `Date` turns 30 February into 2 March. */
function readTime(text: string): Date | undefined {
  if (!RFC3339.test(text)) return undefined
  const date = text.slice(0, 10)
  const day = new Date(`${date}T00:00:00Z`)
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== date) return undefined
  return new Date(text.toUpperCase().replace(' ', 'T'))
}
