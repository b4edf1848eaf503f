/** Places (RFC 6901) at which two values of JSON differ: the deepest ones, in the order of the first value. */
export function differences(one: unknown, other: unknown, at = ''): readonly string[] {
  if (!isTree(one) || !isTree(other) || Array.isArray(one) !== Array.isArray(other))
    return Object.is(one, other) ? [] : [at === '' ? 'the report' : at]
  const keys = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...keys].flatMap((key) => differences(one[key], other[key], `${at}/${escapeKey(key)}`))
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function escapeKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
