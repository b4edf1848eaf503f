import { decodeContinue } from './continue.ts'
import { keyOf, type Listing, type Row } from './listing.ts'
import type { ListQuery } from './query.ts'
import { compileFieldSelector } from './selectors/field-match.ts'
import { everything } from './selectors/labels.ts'
import type { SelectableField } from './selectors/selectable.ts'

/** The part of a list that one answer holds. */
export interface Selected {
  readonly rows: readonly Row[]
  /** The last key of a part behind which more follows. */
  readonly more: string | undefined
  /** How many follow; undefined where a selector leaves that open, as in the API server. */
  readonly remaining: number | undefined
}

/** Chooses the rows that a list asks for: of a namespace, by labels and fields, from a continue token on, up to a limit. */
export function selectRows(
  listing: Listing,
  query: Pick<ListQuery, 'labels' | 'fields' | 'limit' | 'continue'>,
  fields: readonly SelectableField[],
  namespace: string | undefined,
): Selected {
  const { rows, head } = listing
  const [start, end] = namespace === undefined ? [0, rows.length] : rangeOf(rows, namespace)
  const after = query.continue === '' ? undefined : decodeContinue(query.continue, head.resourceVersion)
  const from = after === undefined ? start : Math.max(start, firstBehind(rows, after))
  const isAll = query.labels === everything && query.fields.length === 0
  const limit = query.limit === 0 ? Number.POSITIVE_INFINITY : query.limit
  if (isAll) {
    const part = rows.slice(from, Math.min(end, from + limit))
    return describePart(part, end - from - part.length, end - from - part.length)
  }
  const matchFields = compileFieldSelector(query.fields, fields)
  const found: Row[] = []
  for (let at = from; at < end; at++) {
    const row = rows[at]
    if (!row || !query.labels(row.labels) || !matchFields(row.fields, row.name, row.namespace)) continue
    if (found.length === limit) return describePart(found, 1, undefined)
    found.push(row)
  }
  return describePart(found, 0, undefined)
}

function describePart(rows: readonly Row[], behind: number, remaining: number | undefined): Selected {
  const last = rows.at(-1)
  return last && behind > 0 ? { rows, more: keyOf(last), remaining } : { rows, more: undefined, remaining: undefined }
}

/** Rows are in the order of their keys, so those of a namespace are neighbours. */
function rangeOf(rows: readonly Row[], namespace: string): [number, number] {
  // The character behind the slash, which ends the namespace in a key.
  return [lowerBound(rows, `${namespace}/`), lowerBound(rows, `${namespace}0`)]
}

/** The row of one object. */
export function findRow(rows: readonly Row[], name: { namespace: string; name: string }): Row | undefined {
  const key = keyOf(name)
  const row = rows[lowerBound(rows, key)]
  return row && keyOf(row) === key ? row : undefined
}

function firstBehind(rows: readonly Row[], key: string): number {
  const at = lowerBound(rows, key)
  const row = rows[at]
  return row && keyOf(row) === key ? at + 1 : at
}

/** The first row whose key is not less. */
function lowerBound(rows: readonly Row[], key: string): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    const row = rows[middle]
    if (row && keyOf(row) < key) low = middle + 1
    else high = middle
  }
  return low
}
