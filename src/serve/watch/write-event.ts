import type { Row } from '../listing.ts'
import { foundOf } from '../rewrite-object.ts'
import { type Found, type Kind, type Writing, writeMetadata, writeObject, writeTable } from '../write-objects.ts'

/** One line of a watch: metav1.WatchEvent. */
export function writeEvent(type: string, object: Buffer | string): Buffer {
  return Buffer.concat([Buffer.from(`{"type":"${type}","object":`), Buffer.from(object), Buffer.from('}\n')])
}

/** Writes an object as an event, in the form that the client asked for. */
export type EventWriter = (type: string, found: Found) => Buffer

/** Makes the writer of one watch: the columns of a table come with its first event only. */
export function createEventWriter(writing: Writing): EventWriter {
  let isFirst = true
  return (type, found) => {
    const object = writeForm(found, writing, isFirst)
    isFirst = false
    return writeEvent(type, object)
  }
}

function writeForm(found: Found, writing: Writing, isFirst: boolean): Buffer {
  if (writing.form.as === 'objects') return writeObject(found.body, writing.kind)
  if (writing.form.as === 'Table') return writeTable(found, writing, isFirst)
  return writeMetadata(found, writing.form.version)
}

/** The annotation by which a client knows that it has the whole state (KEP-3157). */
const INITIAL_EVENTS_END = { annotations: { 'k8s.io/initial-events-end': 'true' } }

/** The object of a bookmark: nothing but the version up to which everything was sent. */
export function bookmarkOf(kind: Kind, resourceVersion: string, isInitialEnd: boolean): Found {
  const metadata = { resourceVersion, ...(isInitialEnd && INITIAL_EVENTS_END) }
  return foundOf({ ...NOBODY, resourceVersion }, { ...kind, metadata })
}

const NOBODY: Row = {
  namespace: '',
  name: '',
  uid: '',
  resourceVersion: '',
  labels: {},
  fields: [],
  path: '',
  start: 0,
  length: 0,
  metadata: { start: 0, end: 0 },
}

/** An object with the version of the event that it leaves by. */
export function withVersion({ row, body }: Found, resourceVersion: string): Found {
  if (row.resourceVersion === resourceVersion) return { row, body }
  const object = JSON.parse(body.toString('utf8')) as { metadata: object }
  return foundOf({ ...row, resourceVersion }, { ...object, metadata: { ...object.metadata, resourceVersion } })
}
