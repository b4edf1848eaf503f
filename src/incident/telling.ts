/** `3 pods`, `1 pod`, `2 processes`. */
export function count(number: number, noun: string): string {
  const ending = noun.endsWith('s') ? 'es' : 's'
  return `${number} ${noun}${number === 1 ? '' : ending}`
}

/** `3 pods`, `1 pod`, `no pod`. */
export function countOrNo(number: number, noun: string): string {
  return number === 0 ? `no ${noun}` : count(number, noun)
}

/** A moment as reports write it, in whole seconds of UTC: `2026-02-01 11:42:10Z`; `an unknown time` where there is none. */
export function tellTime(at: number | undefined): string {
  if (at === undefined) return 'an unknown time'
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`
}

/** A span in its two largest units: `2 h 5 min`, `40 s`. */
export function tellSpan(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} days`
}

/** Names in a row, cut where they are many: `a, b and 3 more`. */
export function tellNames(names: readonly string[], most = 4): string {
  const shown = names.slice(0, most)
  const rest = names.length - shown.length
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`
  const last = shown.at(-1) ?? ''
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`
}

/** The first characters of a text, on one line. */
export function shorten(text: string, most = 200): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`
}

/** The earliest of the times that are known. */
export function earliest(times: Iterable<number | undefined>): number | undefined {
  const known = [...times].filter((at) => at !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

/** The latest of the times that are known. */
export function latest(times: Iterable<number | undefined>): number | undefined {
  const known = [...times].filter((at) => at !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}
