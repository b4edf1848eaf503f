import { parseJson } from '../../bundle/parse-json.ts'
import type { BundleReader } from '../../bundle/reader.ts'
import { scanPage, wantPaths } from '../../bundle/scan-page.ts'
import type { CapturedResource } from '../captured.ts'
import type { Source } from '../changes/source.ts'
import { readRows } from '../read-rows.ts'
import { at, type KubeObject, record } from '../table/access.ts'
import { instant } from '../table/age.ts'
import { mentionsOf } from './mentions.ts'
import { createSightings, type Sighting } from './sightings.ts'

/** What the objects of a bundle say of others, and how far back anything in it reaches, by the server's clock. */
export interface Survey {
  readonly sightings: readonly Sighting[]
  /** The oldest event, and the oldest time at all; Infinity where there is none. */
  readonly oldestEvent: number
  readonly oldest: number
}

/** Reads every object of a bundle for whom it names and how old it is, and keeps nothing else of it. */
export async function survey(source: Source): Promise<Survey> {
  const sightings = createSightings(source.resources)
  let oldest = Number.POSITIVE_INFINITY
  let oldestEvent = Number.POSITIVE_INFINITY
  for (const resource of source.resources) {
    for await (const object of objectsOf(source, resource)) {
      const mentions = mentionsOf(object, resource)
      for (const mention of mentions) sightings.add(mention)
      const created = instant(at(object, 'metadata', 'creationTimestamp')) ?? Number.POSITIVE_INFINITY
      oldest = Math.min(oldest, created)
      if (resource.resource === 'events') oldestEvent = Math.min(oldestEvent, created, ...mentions.map((one) => one.at))
    }
  }
  return { sightings: sightings.all(), oldestEvent, oldest: Math.min(oldest, oldestEvent) }
}

/** The objects of a resource's list, and those of its recorded changes. */
async function* objectsOf(source: Source, resource: CapturedResource): AsyncGenerator<KubeObject> {
  for (const path of resource.pages) yield* readPage(await readOr(source.bundle, path), resource)
  const { changes } = await source.recording(resource)
  const rows = changes.map(({ row }) => row)
  for await (const { body } of readRows(source.bundle, rows)) yield recordOf(body.toString('utf8'))
}

/** A page that cannot be read is empty; its list says that it is damaged. */
function readOr(bundle: BundleReader, path: string): Promise<Buffer> {
  return bundle.read(path).catch(() => Buffer.alloc(0))
}

function recordOf(text: string): KubeObject {
  return record(parseJson(text))
}

/** Members of every object's metadata that are looked at. */
const MEMBERS = ['creationTimestamp', 'namespace', 'name', 'ownerReferences'] as const
const WANTED = wantPaths(MEMBERS.map((member) => `metadata.${member}`))

/** The objects of a page as far as they are looked at; only events are read whole. */
function readPage(page: Buffer, { resource }: CapturedResource): readonly KubeObject[] {
  const objects: KubeObject[] = []
  try {
    scanPage(page, WANTED, (item, values) => {
      if (resource === 'events') return objects.push(recordOf(page.toString('utf8', item.start, item.end)))
      const members = values.map((span) => span && parseJson(page.toString('utf8', span.start, span.end)))
      return objects.push({ metadata: Object.fromEntries(MEMBERS.map((member, n) => [member, members[n]])) })
    })
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return objects
}
