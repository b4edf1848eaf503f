import type { BundleReader } from '../bundle/reader.ts'
import { type ListHead, type Span, scanPage, type Wanted, wantPaths } from '../bundle/scan-page.ts'
import { keptFields, readFields } from './selectors/field-match.ts'
import { readUint64 } from './selectors/integer.ts'
import type { SelectableField } from './selectors/selectable.ts'

/** One object of a list: what selects it, and where in the bundle it lies. */
export interface Row {
  /** `''` for what is cluster-scoped. */
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  /** Objects with the same labels share one. */
  readonly labels: Readonly<Record<string, string>>
  /** Of the selectable fields except name and namespace. */
  readonly fields: readonly string[]
  /** The file, and the object in it. */
  readonly path: string
  readonly start: number
  readonly length: number
  /** Of its `metadata`, from the object's first byte. */
  readonly metadata: Span
}

/** The objects of one resource in the order of the API server's keys: by namespace, then by name. */
export interface Listing {
  readonly head: ListHead
  readonly rows: readonly Row[]
  /** The resourceVersion of each page: those of several lists differ, and of a list that was begun anew, too. */
  readonly versions: ReadonlyMap<string, bigint>
  /** Pages that cannot be read, or not all of them, in a sentence each. */
  readonly damage: readonly string[]
}

/** Members that every row is made of, whatever the resource. */
const OWN = [
  'metadata',
  'metadata.namespace',
  'metadata.name',
  'metadata.uid',
  'metadata.resourceVersion',
  'metadata.labels',
]

/** Reads the pages of one resource and keeps of each object a row; the next page is read while this one is scanned. */
export async function indexPages(
  bundle: BundleReader,
  paths: readonly string[],
  fields: readonly SelectableField[],
): Promise<Listing> {
  const indexer = createIndexer(fields)
  const damage: string[] = []
  let next = paths[0] === undefined ? undefined : readPage(bundle, paths[0])
  for (const [number, path] of paths.entries()) {
    const page = await next
    const following = paths[number + 1]
    next = following === undefined ? undefined : readPage(bundle, following)
    const problem = page instanceof Error ? unreadable(path, page) : indexer.add(path, page ?? Buffer.alloc(0))
    if (problem !== undefined) damage.push(problem)
  }
  return { ...indexer.finish(), damage }
}

function readPage(bundle: BundleReader, path: string): Promise<Buffer | Error> {
  return bundle.read(path).catch((error: Error) => error)
}

function unreadable(path: string, { message }: Error): string {
  return `${path} cannot be read: ${message}`
}

/** What a page adds rows to. */
interface Indexer {
  /** Adds the objects of a page; what is wrong with it where it is no list, or not every item is an object. */
  add(path: string, page: Buffer): string | undefined
  finish(): Omit<Listing, 'damage'>
}

/** Collects the rows of a resource's pages. */
function createIndexer(fields: readonly SelectableField[]): Indexer {
  const read = createRowReader(fields)
  const rows: Row[] = []
  const versions = new Map<string, bigint>()
  let head: ListHead | undefined
  return {
    add(path, page) {
      let nameless = 0
      try {
        const found = scanPage(page, read.wanted, (item, values) => {
          const row = read.row(path, page, item, values)
          if (row) rows.push(row)
          else nameless++
        })
        head ??= found
        const version = readUint64(found.resourceVersion)
        if (version !== undefined) versions.set(path, version)
        return nameless === 0 ? undefined : `${path} holds ${nameless} without a name, which are left out`
      } catch (error) {
        if (error instanceof SyntaxError) return unreadable(path, error)
        throw error
      }
    },
    finish: () => ({ head: head ?? NO_HEAD, rows: rows.sort(compareRows), versions }),
  }
}

const NO_HEAD: ListHead = { kind: '', apiVersion: '', resourceVersion: '' }

/** Reads rows out of pages: the paths to look for, and what is made of their values. */
export function createRowReader(fields: readonly SelectableField[]): {
  readonly wanted: readonly Wanted[]
  /** Undefined for what has no name. */
  row(path: string, page: Buffer, item: Span, values: readonly (Span | undefined)[]): Row | undefined
} {
  // The index knows no places in lists: where one is named, the whole list is read.
  const members = [...new Set(keptFields(fields).flatMap((field) => field.members))].map((member) =>
    member.replace(/\.\d.*$/, ''),
  )
  const share = createShare()
  return {
    wanted: wantPaths([...OWN, ...members]),
    row(path, page, item, values) {
      const [metadata, namespace, name, uid, resourceVersion, labels] = values
      const named = parseText(page, name)
      if (!metadata || named === '') return undefined
      const found = new Map(members.map((member, n) => [member, parse(page, values[OWN.length + n])]))
      return {
        namespace: share.text(parseText(page, namespace)),
        name: named,
        uid: parseText(page, uid),
        resourceVersion: parseText(page, resourceVersion),
        labels: share.labels(labels ? page.toString('latin1', labels.start, labels.end) : ''),
        fields: share.texts(readFields(fields, objectOf(found))),
        path,
        start: item.start,
        length: item.end - item.start,
        metadata: { start: metadata.start - item.start, end: metadata.end - item.start },
      }
    },
  }
}

function parse(page: Buffer, span: Span | undefined): unknown {
  return span && JSON.parse(page.toString('utf8', span.start, span.end))
}

function parseText(page: Buffer, span: Span | undefined): string {
  const value = parse(page, span)
  return typeof value === 'string' ? value : ''
}

/** An object that holds nothing but these members; without a prototype, because a stranger's bundle may name any key. */
function objectOf(members: ReadonlyMap<string, unknown>): unknown {
  const object = Object.create(null) as Record<string, unknown>
  for (const [path, value] of members) {
    const keys = path.split('.')
    const last = keys.pop() ?? ''
    let place = object
    for (const key of keys) place = memberOf(place, key)
    if (value !== undefined) place[last] = value
  }
  return object
}

function memberOf(object: Record<string, unknown>, key: string): Record<string, unknown> {
  if (typeof object[key] !== 'object') object[key] = Object.create(null)
  return object[key] as Record<string, unknown>
}

/** Most rows say what others say: each text, and each set of labels, is kept once. */
function createShare() {
  const texts = new Map<string, string>()
  const sets = new Map<string, Readonly<Record<string, string>>>()
  const text = (value: string): string => {
    const known = texts.get(value)
    if (known === undefined) texts.set(value, value)
    return known ?? value
  }
  return {
    text,
    texts: (values: readonly string[]) => values.map(text),
    labels(raw: string): Readonly<Record<string, string>> {
      const known = sets.get(raw) ?? parseLabels(raw)
      sets.set(raw, known)
      return known
    },
  }
}

function parseLabels(latin1: string): Readonly<Record<string, string>> {
  const parsed: unknown = latin1 === '' ? {} : JSON.parse(Buffer.from(latin1, 'latin1').toString('utf8'))
  const entries = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : []
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

/** As etcd orders the keys `namespace/name`. */
export function compareRows(a: Row, b: Row): number {
  const left = keyOf(a)
  const right = keyOf(b)
  return left < right ? -1 : Number(left > right)
}

/** `namespace/name`, or the name alone of what is cluster-scoped. */
export function keyOf({ namespace, name }: Pick<Row, 'namespace' | 'name'>): string {
  return namespace === '' ? name : `${namespace}/${name}`
}
