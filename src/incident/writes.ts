import { listAt, recordAt, textAt, timeAt } from './kubernetes.ts'

/** One entry of `metadata.managedFields`: the latest write of these fields by this manager. */
export interface Write {
  readonly manager: string
  /** `Apply` is server-side apply. */
  readonly operation: string
  /** `status`, `scale`, or empty. */
  readonly subresource: string
  /** Milliseconds since 1970, by the API server's clock, in whole seconds. */
  readonly at: number | undefined
  /** The fields as dotted paths, `spec.replicas`, `data.url`, lists by their keys left out; not read for pods. */
  readonly fields: readonly string[]
  /** Its place in the list: `/metadata/managedFields/<index>`. */
  readonly index: number
}

/** Deeper fields are named by their ancestor. */
const DEEPEST = 9

/** Fields of one entry that are kept; a thing with more is named by these. */
const MOST_FIELDS = 400

/** Reads managedFields, oldest write first. */
export function readWrites(metadata: unknown, withFields: boolean): readonly Write[] {
  const writes = listAt(metadata, 'managedFields').map((entry, index) => ({
    manager: textAt(entry, 'manager'),
    operation: textAt(entry, 'operation'),
    subresource: textAt(entry, 'subresource'),
    at: timeAt(entry, 'time'),
    fields: withFields ? listFields(recordAt(entry, 'fieldsV1')) : [],
    index,
  }))
  return writes.sort((a, b) => (a.at ?? 0) - (b.at ?? 0) || a.index - b.index)
}

/** Whether a write set a field or anything below it. */
export function touches(write: Write, path: string): boolean {
  return write.fields.some((field) => field === path || field.startsWith(`${path}.`))
}

function listFields(fields: Readonly<Record<string, unknown>>): readonly string[] {
  const found: string[] = []
  const walk = (node: Readonly<Record<string, unknown>>, path: string, depth: number): void => {
    for (const key of Object.keys(node)) {
      if (found.length >= MOST_FIELDS) return
      const isField = key.startsWith('f:')
      const here = isField ? `${path}${path === '' ? '' : '.'}${key.slice(2)}` : path
      if (key === '.' || (!isField && !/^[kv]:/.test(key))) continue
      const below = recordAt(node, key)
      if (depth >= DEEPEST || Object.keys(below).length === 0) found.push(here)
      else walk(below, here, depth + 1)
    }
  }
  walk(fields, '', 0)
  return [...new Set(found)].filter((field) => field !== '')
}
