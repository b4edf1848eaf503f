import { invalidOption } from './invalid.ts'

/** How many times faster than it happened: `1`, `10x`, `0.5`. Throws OPTION_INVALID. */
export function parseSpeed(option: string, text: string): number {
  const [, digits] = /^(\d+(?:\.\d+)?)x?$/.exec(text) ?? []
  const speed = Number(digits)
  if (speed > 0) return speed
  throw invalidOption(option, text, 'is no speed', 'Write it as 1 (as it happened) or 10x.')
}
