import { invalidOption } from './invalid.ts'

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const

/** What a duration may look like, for error sentences and help. */
export const DURATION_FORMS = '90s, 5m, 1h30m or 2d'

/** Milliseconds of `90s`, `5m`, `1h30m`, `2d`: largest unit first, each at most once. Throws OPTION_INVALID. */
export function parseDuration(option: string, text: string): number {
  const milliseconds = readDuration(text)
  if (milliseconds === undefined || milliseconds <= 0) {
    throw invalidOption(option, text, 'is not a duration', `Write it as ${DURATION_FORMS}.`)
  }
  return milliseconds
}

/** Milliseconds, or undefined where the text is no duration. */
export function readDuration(text: string): number | undefined {
  const parts = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text)
  if (!parts || text === '') return undefined
  const [, days, hours, minutes, seconds, milliseconds] = parts
  return (
    Number(days ?? 0) * UNITS.d +
    Number(hours ?? 0) * UNITS.h +
    Number(minutes ?? 0) * UNITS.m +
    Number(seconds ?? 0) * UNITS.s +
    Number(milliseconds ?? 0) * UNITS.ms
  )
}
