import type { Manifest } from '../bundle/format.ts'
import type { BundleReader } from '../bundle/reader.ts'
import { describeGaps } from './absence.ts'
import { type CapturedResource, findCaptured } from './captured.ts'
import { indexPages, type Listing } from './listing.ts'
import { type SelectableField, selectableFields } from './selectors/selectable.ts'
import { list, number, text } from './table/access.ts'
import { type AdditionalPrinterColumn, builtInTable, customTable, defaultTable, type Table } from './table/index.ts'

/** A bundle as an API server sees its cluster: what is served, and the objects of each resource once somebody asks for them. */
export interface Replay {
  readonly bundle: BundleReader
  readonly manifest: Manifest
  /** The moment that ages are of, by the server's clock. */
  readonly now: Date
  readonly resources: readonly CapturedResource[]
  /** What is missing, in a sentence each. */
  readonly notes: readonly string[]
  /** The objects of a resource; read when they are asked for first. */
  list(resource: CapturedResource): Promise<Listing>
  /** What a resource can be selected by. */
  fields(resource: CapturedResource): Promise<readonly SelectableField[]>
  /** How a resource is printed. */
  table(resource: CapturedResource): Promise<Table>
  close(): Promise<void>
}

/** Opens a bundle for the server; nothing is read yet but its manifest. */
export function openReplay(bundle: BundleReader): Replay {
  const { manifest } = bundle
  const resources = findCaptured(bundle)
  const listings = new Map<CapturedResource, Promise<Listing>>()
  let definitions: Promise<ReadonlyMap<string, Definition>> | undefined

  function define(resource: CapturedResource): Promise<Definition | undefined> {
    definitions ??= readDefinitions(bundle, resources)
    return definitions.then((known) => known.get(definitionKey(resource)))
  }

  async function fields(resource: CapturedResource): Promise<readonly SelectableField[]> {
    return selectableFields(resource, (await define(resource))?.selectableFields ?? [])
  }

  return {
    bundle,
    manifest,
    now: captureTime(manifest),
    resources,
    notes: describeNotes(bundle),
    fields,
    list(resource) {
      const known =
        listings.get(resource) ?? fields(resource).then((found) => indexPages(bundle, resource.pages, found))
      listings.set(resource, known)
      return known
    },
    async table(resource) {
      const builtIn = builtInTable(resource)
      if (builtIn) return builtIn
      const definition = await define(resource)
      return definition ? customTable(definition.additionalPrinterColumns) : defaultTable
    },
    close: () => bundle.close(),
  }
}

/** The end of the capture by the server's clock: timestamps in objects are the server's. */
function captureTime({ window }: Manifest): Date {
  return new Date(Date.parse(window.end) + (window.clockOffsetMs ?? 0))
}

function describeNotes({ manifest, truncated, warnings }: BundleReader): string[] {
  const gaps = describeGaps(manifest.ledger)
  return [
    ...(truncated === undefined ? [] : [`The bundle is not whole: ${truncated}.`]),
    ...(gaps === undefined ? [] : [`Not everything was captured: ${gaps}.`]),
    ...warnings.map((warning) => `${warning}.`),
  ]
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
  try {
    return list(JSON.parse(page.toString('utf8')), 'items')
  } catch {
    return []
  }
}
