import type { Row } from '../listing.ts'
import { foundOf } from '../rewrite-object.ts'
import { readFields } from '../selectors/field-match.ts'
import type { SelectableField } from '../selectors/selectable.ts'
import { isSet, type KubeObject, text } from '../table/access.ts'
import type { Table } from '../table/index.ts'
import type { Found, Kind } from '../write-objects.ts'
import { STUB } from './annotations.ts'
import type { Mention } from './mentions.ts'
import type { Sighting } from './sightings.ts'

/** An object of which nothing but its existence is known: its name, its uid, and by what that is proven. */
export function stubOf(sighting: Sighting, kind: Kind, fields: readonly SelectableField[]): Found {
  const { namespace, name, uid, first, last } = sighting
  const annotations = {
    [STUB]: `nothing is known but that it was there: ${describe(first)} and ${describe(last)} name it`,
  }
  const metadata = { name, ...(namespace && { namespace }), uid, annotations }
  const object = { ...kind, metadata }
  const row: Row = {
    namespace,
    name,
    uid,
    resourceVersion: '',
    labels: {},
    fields: readFields(fields, object),
    path: '',
    start: 0,
    length: 0,
    metadata: { start: 0, end: 0 },
  }
  return foundOf(row, object)
}

function describe({ at, by }: Mention): string {
  return `${by} (${new Date(at).toISOString()})`
}

/** A table that says of a stub its name and, in every other column, that it is not known. */
export function withStubs(table: Table): Table {
  return {
    ...table,
    cells(object, now) {
      if (!isSet(object, 'metadata', 'annotations', STUB)) return table.cells(object, now)
      return table.columns.map(({ format }) => (format === 'name' ? nameOf(object) : '<unknown>'))
    },
  }
}

function nameOf(object: KubeObject): string {
  return text(object, 'metadata', 'name')
}
