import { parseJson } from '../bundle/parse-json.ts'
import type { BundleReader } from '../bundle/reader.ts'
import { type Span, scanPage } from '../bundle/scan-page.ts'
import type { Json } from './kubernetes.ts'
import { type KubeObject, readObject } from './object.ts'
import { isOwnProbe } from './own-probe.ts'

/** `cluster/<group or core>/<version>/<resource>/<namespace or _all>/0001.json`, of a restricted list in one more folder. */
const PAGE = /^cluster\/([^/]+)\/[^/]+\/([^/]+)\/[^/]+\/(?:[^/]+\/)?\d+\.json$/

/** Resources that say nothing of an incident and may be large. */
const LEFT_OUT = new Set(['openapi', 'componentstatuses', 'csistoragecapacities', 'podtemplates'])

/** A list page, and what its path says. */
interface Page {
  readonly path: string
  readonly group: string
  readonly resource: string
}

/** What could not be read, with the reason: it is coverage that is missing, not health. */
export interface Unreadable {
  readonly path: string
  readonly why: string
}

/**
 * Reads every captured object, one page in memory at a time. Pages come in the order of their paths whatever the archive's order, an object
 * that two lists hold comes once, and a page that cannot be read is told to `onUnreadable`.
 */
export async function* readObjects(
  bundle: BundleReader,
  onUnreadable: (unreadable: Unreadable) => void,
): AsyncGenerator<KubeObject> {
  for (const [, pages] of Map.groupBy(listPages(bundle), ({ group, resource }) => `${group}/${resource}`)) {
    const seen = new Set<string>()
    for (const page of pages) {
      const body = await bundle.read(page.path).catch((error: Error) => {
        onUnreadable({ path: page.path, why: error.message })
      })
      if (body) yield* readPage(page, body, seen, onUnreadable)
    }
  }
}

function listPages(bundle: BundleReader): Page[] {
  const hasCore = hasCoreEvents(bundle)
  return [...bundle.files.keys()].sort().flatMap((path) => {
    const [, folder = '', resource = ''] = PAGE.exec(path) ?? []
    if (resource === '' || LEFT_OUT.has(resource)) return []
    const group = folder === 'core' ? '' : folder
    // Events of both groups are the same objects.
    if (group === 'events.k8s.io' && hasCore) return []
    return [{ path, group, resource }]
  })
}

function hasCoreEvents(bundle: BundleReader): boolean {
  for (const path of bundle.files.keys()) if (path.startsWith('cluster/core/v1/events/')) return true
  return false
}

function* readPage(
  { path, group, resource }: Page,
  body: Buffer,
  seen: Set<string>,
  onUnreadable: (unreadable: Unreadable) => void,
): Generator<KubeObject> {
  const page = findItems(body)
  if (page === undefined) {
    onUnreadable({ path, why: 'it is not a list' })
    return
  }
  const kind = page.kind.replace(/List$/, '') || kindOfResource(resource)
  for (const [index, { start, end }] of page.items.entries()) {
    // One object at a time: most are made small at once, and what is left of them is soon collected.
    const item = parseJson(body.toString('utf8', start, end))
    if (item === undefined) onUnreadable({ path: `${path}#/items/${index}`, why: 'it is not JSON' })
    if (typeof item !== 'object' || item === null || isOwnProbe(resource, item as Json)) continue
    const object = readObject(item as Json, { group, resource, kind, file: path, pointer: `/items/${index}` })
    if (!object) continue
    const key = object.uid || `${object.ref.namespace}/${object.ref.name}`
    if (seen.has(key)) continue
    seen.add(key)
    yield object
  }
}

function findItems(body: Buffer): { kind: string; items: readonly Span[] } | undefined {
  const items: Span[] = []
  try {
    return { kind: scanPage(body, [], (item) => items.push(item)).kind, items }
  } catch {
    return undefined
  }
}

/** For a list that does not say its kind: `pods` are of kind `Pod`, as far as English grammar is regular. */
function kindOfResource(resource: string): string {
  const singular = resource
    .replace(/ies$/, 'y')
    .replace(/(ss|x|ch)es$/, '$1')
    .replace(/([^s])s$/, '$1')
  return singular.charAt(0).toUpperCase() + singular.slice(1)
}
