/** RFC 3339 in UTC, in whole seconds: what components write; null where nothing is known. */
export function writeTime(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}
