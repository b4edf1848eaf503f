import type { BundleReader } from '../../bundle/reader.ts'
import type { CapturedResource } from '../captured.ts'
import { keepListings } from '../index-cache.ts'
import { indexPages, type Listing } from '../listing.ts'
import type { SelectableField } from '../selectors/selectable.ts'
import { type Recording, readRecording } from './recording.ts'

/** What the bundle holds of each resource: the list as captured, and what the watch saw. Each is read when it is asked for first. */
export interface Source {
  readonly bundle: BundleReader
  readonly resources: readonly CapturedResource[]
  /** Milliseconds by which the server's clock was ahead of the capture's. */
  readonly offset: number
  /** The end of the capture by the server's clock: timestamps in objects are the server's. */
  readonly end: Date
  list(resource: CapturedResource): Promise<Listing>
  recording(resource: CapturedResource): Promise<Recording>
  fields(resource: CapturedResource): Promise<readonly SelectableField[]>
}

/** Reads lists and recordings, each once; lists from `cacheFile` where one is named, which is made if it is not there. */
export async function createSource(
  bundle: BundleReader,
  resources: readonly CapturedResource[],
  fields: Source['fields'],
  cacheFile: string | undefined,
): Promise<Source> {
  const { window } = bundle.manifest
  const offset = window.clockOffsetMs ?? 0
  const index = once(async (resource) => indexPages(bundle, resource.pages, await fields(resource)))
  return {
    bundle,
    resources,
    offset,
    end: new Date(Date.parse(window.end) + offset),
    fields,
    list: cacheFile === undefined ? index : await keepListings(cacheFile, bundle, resources, index),
    recording: once(async (resource) => readRecording(bundle, resource, await fields(resource))),
  }
}

/** Makes what is asked for a resource asked only once. */
export function once<Value>(
  ask: (resource: CapturedResource) => Promise<Value>,
): (resource: CapturedResource) => Promise<Value> {
  const answers = new Map<CapturedResource, Promise<Value>>()
  return (resource) => {
    const answer = answers.get(resource) ?? ask(resource)
    answers.set(resource, answer)
    return answer
  }
}
