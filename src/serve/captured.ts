import { type Manifest, resourceName, type ServedResource } from '../bundle/format.ts'
import type { BundleReader } from '../bundle/reader.ts'

/** A resource that the bundle holds lists of. */
export interface CapturedResource extends ServedResource {
  /** Its list pages, those of one namespace after the other. */
  readonly pages: readonly string[]
  /** The namespaces that were listed; undefined for a list of all of them. */
  readonly namespaces: readonly string[] | undefined
  /** Namespaces of which only some objects were listed, and the field selector that left these. */
  readonly restricted: ReadonlyMap<string, string>
}

/** `cluster/<group or core>/<version>/<resource>/<namespace or _all>/0001.json`, of a restricted list in one more folder. */
const PAGE = /^cluster\/([^/]+)\/([^/]+)\/([^/]+)\/([^/]+)\/(?:([^/]+)\/)?\d{4,}\.json$/

/** Finds the lists of a bundle by the names of its files, because a bundle that was cut off has no manifest to name them. */
export function findCaptured(bundle: BundleReader): readonly CapturedResource[] {
  const found = new Map<string, Found>()
  for (const path of bundle.files.keys()) {
    const [, folder = '', version = '', resource = '', place = '', selector] = PAGE.exec(path) ?? []
    if (folder === '') continue
    const group = folder === 'core' ? '' : folder
    const key = `${group}/${version}/${resource}`
    const known = found.get(key) ?? emptyOf(group, version, resource)
    known.pages.push(path)
    if (selector === undefined) known.places.add(place)
    else known.restricted.set(place, selector)
    found.set(key, known)
  }
  return [...found.values()].map(({ places, pages, restricted, ...name }) => ({
    ...describeResource(bundle.manifest, name, !places.has(ALL)),
    pages: pages.sort(),
    namespaces: places.has(ALL) ? undefined : [...places],
    restricted,
  }))
}

/** Which namespaces a resource was listed in, as a clause; undefined for all of them. */
export function describeNamespaces({ namespaces }: CapturedResource): string | undefined {
  if (namespaces === undefined) return undefined
  return namespaces.length === 0
    ? 'no namespace of it was captured whole'
    : `only the namespaces ${namespaces.join(', ')} were captured`
}

function emptyOf(group: string, version: string, resource: string): Found {
  return { group, version, resource, pages: [], places: new Set(), restricted: new Map() }
}

interface Found {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly pages: string[]
  readonly places: Set<string>
  readonly restricted: Map<string, string>
}

const ALL = '_all'

function describeResource(
  { resources }: Manifest,
  name: { group: string; version: string; resource: string },
  namespaced: boolean,
): ServedResource {
  const known = resources.find((one) => resourceName(one) === resourceName(name))
  if (known) return { ...known, version: name.version }
  return { ...name, kind: '', namespaced, alsoServedAs: [] }
}
