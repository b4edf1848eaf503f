import type { Row } from './listing.ts'
import type { Form } from './negotiate.ts'
import type { KubeObject, Table } from './table/index.ts'

/** An object with its row, as it lies in the bundle. */
export interface Found {
  readonly row: Row
  readonly body: Buffer
}

/** What the objects of a resource are called. */
export interface Kind {
  readonly apiVersion: string
  readonly kind: string
}

/** `metadata` of a list. */
export interface ListMeta {
  readonly resourceVersion: string
  readonly continue?: string
  readonly remainingItemCount?: number
}

/** How the objects of one answer are written. */
export interface Writing {
  readonly form: Form
  readonly kind: Kind
  readonly table: Table
  readonly now: Date
  /** `includeObject` of a table: what stands beside the cells of a row. */
  readonly include: 'None' | 'Metadata' | 'Object'
}

/** One object alone names its kind, which in a list it may leave to the list: bytes as they are, with the two members in front. */
export function writeObject(body: Buffer, { apiVersion, kind }: Kind): Buffer {
  if (namesItself(body)) return body
  return Buffer.concat([
    Buffer.from(`{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},`),
    behindBrace(body),
  ])
}

/** Built-in kinds come first in their object and custom ones too; whoever has neither key among the first has none. */
function namesItself(body: Buffer): boolean {
  return /^\s*\{\s*"(?:kind|apiVersion)"\s*:/.test(body.toString('latin1', 0, 64))
}

function behindBrace(body: Buffer): Buffer {
  return body.subarray(body.indexOf('{') + 1)
}

/** `PartialObjectMetadata`: the object's own metadata, byte for byte. */
export function writeMetadata({ row, body }: Found, version: Form['version']): Buffer {
  const head = `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}","metadata":`
  return Buffer.concat([Buffer.from(head), body.subarray(row.metadata.start, row.metadata.end), Buffer.from('}')])
}

/** One row of a table. */
function writeRow(found: Found, writing: Writing): Buffer {
  const cells = JSON.stringify(writing.table.cells(JSON.parse(found.body.toString('utf8')), writing.now))
  const object = writeIncluded(found, writing)
  return Buffer.concat([Buffer.from(`{"cells":${cells},"object":`), object, Buffer.from('}')])
}

function writeIncluded(found: Found, { include, form, kind }: Writing): Buffer {
  if (include === 'None') return Buffer.from('null')
  return include === 'Metadata' ? writeMetadata(found, form.version) : writeObject(found.body, kind)
}

/** A table that is not about a list: one object, or one change. A watch names the columns once. */
export function writeTable(found: Found, writing: Writing, hasColumns = true): Buffer {
  const meta = { resourceVersion: found.row.resourceVersion }
  return Buffer.concat([Buffer.from(tableHead(writing, meta, hasColumns)), writeRow(found, writing), Buffer.from(']}')])
}

function tableHead({ form, table }: Writing, meta: ListMeta, hasColumns = true): string {
  const columns = JSON.stringify(hasColumns ? table.columns : null)
  return `{"kind":"Table","apiVersion":"meta.k8s.io/${form.version}","metadata":${JSON.stringify(meta)},"columnDefinitions":${columns},"rows":[`
}

/** Bytes that are gathered before they are given to the connection. */
const PIECE_BYTES = 64 * 1024

/** Writes a list as its objects are read; memory does not grow with it. */
export async function* writeList(
  objects: AsyncIterable<Found>,
  meta: ListMeta,
  writing: Writing,
): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [Buffer.from(listHead(meta, writing))]
  let bytes = 0
  let isFirst = true
  for await (const found of inOrder(objects, writing)) {
    const piece = writeItem(found, writing)
    if (!isFirst) pieces.push(COMMA)
    pieces.push(piece)
    isFirst = false
    bytes += piece.length
    if (bytes < PIECE_BYTES) continue
    yield Buffer.concat(pieces)
    pieces = []
    bytes = 0
  }
  yield Buffer.concat([...pieces, Buffer.from(']}\n')])
}

/** Flow schemas are printed in an order of their own; there are a dozen. */
async function* inOrder(objects: AsyncIterable<Found>, { form, table }: Writing): AsyncGenerator<Found> {
  const { compare } = table
  if (form.as !== 'Table' || compare === undefined) return yield* objects
  const parsed: { found: Found; object: KubeObject }[] = []
  for await (const found of objects) parsed.push({ found, object: JSON.parse(found.body.toString('utf8')) })
  for (const { found } of parsed.sort((a, b) => compare(a.object, b.object))) yield found
}

const COMMA = Buffer.from(',')

function listHead(meta: ListMeta, writing: Writing): string {
  const { form, kind } = writing
  if (form.as === 'Table') return tableHead(writing, meta)
  const name =
    form.as === 'objects'
      ? { kind: `${kind.kind}List`, apiVersion: kind.apiVersion }
      : { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${form.version}` }
  return `{"kind":${JSON.stringify(name.kind)},"apiVersion":${JSON.stringify(name.apiVersion)},"metadata":${JSON.stringify(meta)},"items":[`
}

function writeItem(found: Found, writing: Writing): Buffer {
  if (writing.form.as === 'Table') return writeRow(found, writing)
  return writing.form.as === 'objects' ? found.body : writeMetadata(found, writing.form.version)
}
