/** How long ago a timestamp was, as people read it; `<unknown>` for none. */
export function age(timestamp: unknown, now: Date): string {
  const then = instant(timestamp)
  return then === undefined ? '<unknown>' : humanDuration(now.getTime() - then)
}

/** Go's zero time, which some clients write for "never". */
const ZERO_TIME = Date.parse('0001-01-01T00:00:00Z')

/** An RFC 3339 time with at most nine digits of a second; Date.parse alone takes much more. */
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/

/** Milliseconds of a timestamp, or undefined for one that is missing, zero or malformed. */
export function instant(timestamp: unknown): number | undefined {
  if (!isTimestamp(timestamp)) return undefined
  const time = Date.parse(timestamp)
  return time === ZERO_TIME ? undefined : time
}

/** Whether a value is a time that Kubernetes could have written. */
export function isTimestamp(value: unknown): value is string {
  return typeof value === 'string' && RFC_3339.test(value) && !Number.isNaN(Date.parse(value))
}

/** Go's time.Duration holds no more than 2^63 nanoseconds. */
const LONGEST_SECONDS = 9_223_372_036

/** A duration with two or three significant figures, by the rules of apimachinery's HumanDuration. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.min(Math.trunc(milliseconds / 1000), LONGEST_SECONDS)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 2 * 60) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return `${minutes}m${nonZero(seconds % 60, 's')}`
  if (minutes < 3 * 60) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return `${hours}h${nonZero(minutes % 60, 'm')}`
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (days < 8) return `${days}d${nonZero(hours % 24, 'h')}`
  if (days < 2 * 365) return `${days}d`
  const years = Math.floor(days / 365)
  return years < 8 ? `${years}y${nonZero(days % 365, 'd')}` : `${years}y`
}

function nonZero(count: number, unit: string): string {
  return count === 0 ? '' : `${count}${unit}`
}
