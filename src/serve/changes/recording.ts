import type { BundleReader } from '../../bundle/reader.ts'
import { type Span, scanPage, wantPaths } from '../../bundle/scan-page.ts'
import type { CapturedResource } from '../captured.ts'
import { createRowReader, type Row } from '../listing.ts'
import { readUint64 } from '../selectors/integer.ts'
import type { SelectableField } from '../selectors/selectable.ts'
import { instant } from '../table/age.ts'
import { compareVersions } from './list-version.ts'
import { type Line, splitLines } from './split-lines.ts'

/** One change that a watch saw; the object stays in the bundle. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** When it was seen, by the capture's own clock, in milliseconds. */
  readonly at: number
  /** The object's resourceVersion as the number that it is; a deletion has one of its own. */
  readonly version: bigint
  readonly row: Row
}

/** A time during which changes may have been missed. */
export interface Gap {
  readonly at: number
  readonly reason: string
}

/** What the watches of one resource saw, in the order in which it came to be. */
export interface Recording {
  readonly changes: readonly Change[]
  readonly gaps: readonly Gap[]
  /** What cannot be read, in a sentence each. */
  readonly damage: readonly string[]
}

/** Indexes the recorded changes of a resource, line by line: of each object there is no more in memory than of one in a list. */
export async function readRecording(
  bundle: BundleReader,
  resource: CapturedResource,
  fields: readonly SelectableField[],
): Promise<Recording> {
  const read = createLineReader(fields)
  const changes: Change[] = []
  const gaps: Gap[] = []
  const damage: string[] = []
  for (const path of segmentsOf(bundle, resource)) {
    let broken = 0
    for await (const line of splitLines(bundle.stream(path))) {
      const found = read(path, line)
      if (found === undefined) broken++
      else if ('row' in found) changes.push(found)
      else gaps.push(found)
    }
    if (broken > 0) damage.push(`${path} has ${broken} lines that cannot be read`)
  }
  // Of several namespaces, each has a watch of its own: only the versions order what they saw.
  return { changes: changes.sort((a, b) => compareVersions(a.version, b.version)), gaps, damage }
}

/** What is watched is all of the core group, and its folder has the resource's name alone. */
export function segmentsOf({ files }: BundleReader, { group, resource }: CapturedResource): readonly string[] {
  const folder = `changes/${resource}/`
  return group === '' ? [...files.keys()].filter((path) => path.startsWith(folder)).sort() : []
}

const LINE = wantPaths(['observedAt', 'type', 'reason', 'object'])

/** A line is scanned as a list page with one item. */
const BEFORE = Buffer.from('{"items":[')
const BEHIND = Buffer.from(']}')

/** Makes a change or a gap of a line; undefined where it is neither. */
function createLineReader(fields: readonly SelectableField[]): (path: string, line: Line) => Change | Gap | undefined {
  const rows = createRowReader(fields)
  return (path, { start, bytes }) => {
    try {
      return bytes && readLine(path, start, bytes)
    } catch (error) {
      if (error instanceof SyntaxError) return undefined
      throw error
    }
  }

  function readLine(path: string, start: number, bytes: Buffer): Change | Gap | undefined {
    const { page, values } = scanOne(bytes, LINE)
    const [observedAt, type, reason, object] = values
    const at = instant(readText(page, observedAt))
    if (at === undefined) return undefined
    const word = readText(page, type)
    if (word === 'GAP') return { at, reason: readText(page, reason) }
    if (!object || !isChange(word)) return undefined
    const row = readRow(path, page.subarray(object.start, object.end))
    const version = readUint64(row?.resourceVersion ?? '')
    if (!row || version === undefined) return undefined
    return { type: word, at, version, row: { ...row, start: start + object.start - BEFORE.length } }
  }

  function readRow(path: string, object: Buffer): Row | undefined {
    const { page, item, values } = scanOne(object, rows.wanted)
    return item && rows.row(path, page, item, values)
  }
}

function scanOne(bytes: Buffer, wanted: Parameters<typeof scanPage>[1]) {
  const page = Buffer.concat([BEFORE, bytes, BEHIND])
  let found: { item: Span; values: readonly (Span | undefined)[] } | undefined
  scanPage(page, wanted, (item, values) => {
    found ??= { item, values }
  })
  return { page, item: found?.item, values: found?.values ?? [] }
}

function isChange(word: string): word is Change['type'] {
  return word === 'ADDED' || word === 'MODIFIED' || word === 'DELETED'
}

function readText(page: Buffer, span: Span | undefined): string {
  const value: unknown = span && JSON.parse(page.toString('utf8', span.start, span.end))
  return typeof value === 'string' ? value : ''
}
