import { readRows } from '../read-rows.ts'
import { followList } from './changes.ts'
import type { Shown } from './shown.ts'
import { once, type Source } from './source.ts'

/** The lists as they were captured; a watch gets all that was recorded after them at once. */
export function asCaptured(source: Source): Shown {
  return {
    notes: [],
    now: () => source.end,
    list: source.list,
    changes: once((resource) => followList(source, resource, () => 0)),
    read: (rows) => readRows(source.bundle, rows),
    print: (table) => table,
  }
}
