/** Any JSON object, as parsed. */
export type Json = Readonly<Record<string, unknown>>

/** The value at a path of keys and indexes, or undefined; never throws, whatever a stranger's bundle holds. */
export function valueAt(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined
    found = (found as Record<string | number, unknown>)[key]
  }
  return found
}

/** The string at a path; empty where there is none. */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = valueAt(value, ...path)
  return typeof found === 'string' ? found : ''
}

/** The number at a path; undefined where there is none. */
export function numberAt(value: unknown, ...path: readonly (string | number)[]): number | undefined {
  const found = valueAt(value, ...path)
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}

/** Whether exactly `true` stands at a path. */
export function isTrueAt(value: unknown, ...path: readonly (string | number)[]): boolean {
  return valueAt(value, ...path) === true
}

/** The elements at a path; none where there is no array. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = valueAt(value, ...path)
  return Array.isArray(found) ? found : []
}

/** The object at a path; an empty one where there is none. */
export function recordAt(value: unknown, ...path: readonly (string | number)[]): Json {
  const found = valueAt(value, ...path)
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Json) : {}
}

/** The strings of an object, such as labels; other values are left out. */
export function stringsAt(value: unknown, ...path: readonly (string | number)[]): Readonly<Record<string, string>> {
  const entries = Object.entries(recordAt(value, ...path))
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

/** The moment at a path, in milliseconds since 1970; undefined where there is none, or none that is a date. */
export function timeAt(value: unknown, ...path: readonly (string | number)[]): number | undefined {
  return parseTime(textAt(value, ...path))
}

/** An RFC 3339 time in milliseconds since 1970; undefined for anything else, the zero time of Go included. */
export function parseTime(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT/.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) || at <= 0 ? undefined : at
}
