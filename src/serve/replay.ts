import pLimit from 'p-limit'
import type { Manifest } from '../bundle/format.ts'
import { parseJson } from '../bundle/parse-json.ts'
import type { BundleReader } from '../bundle/reader.ts'
import { FreezeframeError } from '../error.ts'
import { asOf } from './at/as-of.ts'
import { type CapturedResource, findCaptured } from './captured.ts'
import { asCaptured } from './changes/as-captured.ts'
import { asPlayed } from './changes/as-played.ts'
import type { Changes } from './changes/changes.ts'
import { listingOf } from './changes/list-version.ts'
import type { Shown } from './changes/shown.ts'
import { createSource, type Source } from './changes/source.ts'
import { nameGaps } from './gaps.ts'
import type { Listing, Row } from './listing.ts'
import { type SelectableField, selectableFields } from './selectors/selectable.ts'
import { list, number, text } from './table/access.ts'
import { type AdditionalPrinterColumn, builtInTable, customTable, defaultTable, type Table } from './table/index.ts'
import type { Found } from './write-objects.ts'

/** A bundle as an API server sees its cluster: what is served, and the objects of each resource once somebody asks for them. */
export interface Replay {
  readonly bundle: BundleReader
  readonly manifest: Manifest
  /** The moment that ages are of, by the server's clock. */
  readonly now: Date
  /** The moment whose state is shown instead of the captured one; what is later, lines of logs too, is not to be seen. */
  readonly at: Date | undefined
  readonly resources: readonly CapturedResource[]
  /** What is missing, in a sentence each. */
  readonly notes: readonly string[]
  /** The objects of a resource, as a list of a namespace or of all of them has them now; read when they are asked for first. */
  list(resource: CapturedResource, namespace?: string): Promise<Listing>
  /** What happens to a list after it was asked for. */
  changes(resource: CapturedResource): Promise<Changes>
  /** The objects of rows, in their order. */
  read(rows: readonly Row[]): AsyncIterable<Found>
  /** What a resource can be selected by. */
  fields(resource: CapturedResource): Promise<readonly SelectableField[]>
  /** How a resource is printed. */
  table(resource: CapturedResource): Promise<Table>
  close(): Promise<void>
}

/** Which state of the cluster is shown; without either, the lists as they were captured. */
export interface ReplayOptions {
  /** The moment to go back to, by the server's clock. */
  readonly at?: Date
  /** Plays the recorded changes, this many times as fast as they came. */
  readonly replaySpeed?: number
  /** A file that keeps the index of every list, for the next time. */
  readonly cacheFile?: string
}

/** Opens a bundle for the server, which closes it; without options nothing is read yet but its manifest. Throws OPTION_INVALID. */
export async function openReplay(opened: BundleReader, options: ReplayOptions = {}): Promise<Replay> {
  const bundle = limitReads(opened)
  const { manifest } = bundle
  const resources = findCaptured(bundle)
  let definitions: Promise<ReadonlyMap<string, Definition>> | undefined

  function define(resource: CapturedResource): Promise<Definition | undefined> {
    definitions ??= readDefinitions(bundle, resources)
    return definitions.then((known) => known.get(definitionKey(resource)))
  }

  async function fields(resource: CapturedResource): Promise<readonly SelectableField[]> {
    return selectableFields(resource, (await define(resource))?.selectableFields ?? [])
  }

  async function table(resource: CapturedResource): Promise<Table> {
    const builtIn = builtInTable(resource)
    if (builtIn) return builtIn
    const definition = await define(resource)
    return definition ? customTable(definition.additionalPrinterColumns) : defaultTable
  }

  const shown = await createSource(bundle, resources, fields, options.cacheFile)
    .then((source) => choose(source, options))
    .catch(async (error) => {
      await bundle.close()
      throw error
    })
  return {
    bundle,
    manifest,
    get now() {
      return shown.now()
    },
    at: options.at,
    resources,
    notes: [...describeNotes(bundle), ...shown.notes],
    fields,
    list: async (resource, namespace) => listingOf(await shown.list(resource), namespace),
    changes: shown.changes,
    read: shown.read,
    table: async (resource) => shown.print(await table(resource)),
    close: () => bundle.close(),
  }
}

/** Parts of the bundle that are read at a time, whoever asks: each holds some MiB until it is read, and clients may be many. */
const READS_AT_ONCE = 4

function limitReads(bundle: BundleReader): BundleReader {
  const limit = pLimit(READS_AT_ONCE)
  return {
    ...bundle,
    readRange: (path, offset, length) => limit(() => bundle.readRange(path, offset, length)),
  }
}

async function choose(source: Source, { at, replaySpeed }: ReplayOptions): Promise<Shown> {
  if (at && replaySpeed !== undefined) {
    throw new FreezeframeError('OPTION_INVALID', 'The state at a moment stands still: it cannot be replayed too.', {
      remedy: 'Leave out --at or --replay-changes.',
    })
  }
  if (at) return asOf(source, at)
  return replaySpeed === undefined ? asCaptured(source) : asPlayed(source, replaySpeed)
}

function describeNotes({ manifest, isRebuilt, truncated, warnings }: BundleReader): string[] {
  const gaps = nameGaps(manifest.ledger)
  return [
    ...(truncated === undefined ? [] : [`The bundle is not whole: ${truncated}.`]),
    ...(isRebuilt ? [describeEstimate(manifest.window)] : []),
    ...(gaps === undefined ? [] : [`Not in this bundle, or not all of it: ${gaps}.`]),
    ...warnings.map((warning) => `${warning}.`),
  ]
}

function describeEstimate({ start, end }: Manifest['window']): string {
  if (Date.parse(end) === 0) return 'When it was captured is not known, and ages are meaningless: its manifest is lost.'
  return `The time of the capture, ${start} to ${end}, is estimated: its manifest is lost.`
}

/** What a CustomResourceDefinition says of one of its versions. */
interface Definition {
  readonly selectableFields: readonly string[]
  readonly additionalPrinterColumns: readonly AdditionalPrinterColumn[]
}

function definitionKey({ group, version, resource }: { group: string; version: string; resource: string }): string {
  return `${resource}.${group}/${version}`
}

/** Definitions are few and needed whole: the one list that is parsed. A page that cannot be read defines nothing. */
async function readDefinitions(
  bundle: BundleReader,
  resources: readonly CapturedResource[],
): Promise<ReadonlyMap<string, Definition>> {
  const definitions = resources.find((one) => one.resource === 'customresourcedefinitions')
  const found = new Map<string, Definition>()
  for (const path of definitions?.pages ?? []) {
    for (const item of parseItems(await bundle.read(path).catch(() => Buffer.alloc(0)))) {
      const group = text(item, 'spec', 'group')
      const resource = text(item, 'spec', 'names', 'plural')
      for (const version of list(item, 'spec', 'versions')) {
        found.set(definitionKey({ group, resource, version: text(version, 'name') }), {
          selectableFields: list(version, 'selectableFields').map((field) => text(field, 'jsonPath')),
          additionalPrinterColumns: list(version, 'additionalPrinterColumns').map(readColumn),
        })
      }
    }
  }
  return found
}

/** Whatever stands there: the bundle may be a stranger's. */
function readColumn(column: unknown): AdditionalPrinterColumn {
  return {
    name: text(column, 'name'),
    type: text(column, 'type'),
    jsonPath: text(column, 'jsonPath'),
    format: text(column, 'format'),
    description: text(column, 'description'),
    priority: number(column, 'priority'),
  }
}

function parseItems(page: Buffer): readonly unknown[] {
  return list(parseJson(page.toString('utf8')), 'items')
}
