import { groupVersion, resourceName } from '../bundle/format.ts'
import { absent, absentList, linesOfList } from './absence.ts'
import { type CapturedResource, describeNamespaces } from './captured.ts'
import { notInBundle, type Refusal } from './refusal.ts'
import type { Replay } from './replay.ts'
import type { Target } from './target.ts'

/** A resource that was asked for, and whether its objects are asked for under another group than they were captured in. */
export interface Resolved {
  readonly resource: CapturedResource
  /** Of the two groups of events, the one that was asked for where it is not the captured one. */
  readonly as: 'v1' | 'events.k8s.io/v1' | undefined
}

const EVENTS = ['v1', 'events.k8s.io/v1']

/** Finds what a path names; throws a Refusal that quotes the ledger for what the bundle does not hold. */
export function resolve(replay: Replay, target: Target): Resolved {
  const exact = replay.resources.find((one) => isSame(one, target) && one.version === target.version)
  if (exact) return { resource: checkNamespace(exact, target, replay), as: undefined }
  const events = target.resource === 'events' ? findEvents(replay, target) : undefined
  if (events) return events
  const other = replay.resources.find((one) => isSame(one, target) || isAlso(one, target))
  if (other) throw otherVersion(other, target)
  throw absentList(replay.bundle, describe(target), target)
}

function isSame(one: CapturedResource, target: Target): boolean {
  return one.resource === target.resource && one.group === target.group
}

/** The same objects under another group. */
function isAlso(one: CapturedResource, target: Target): boolean {
  return one.resource === target.resource && one.alsoServedAs.includes(groupVersion(target))
}

/** Both groups show the same events, and each can be written as the other. */
function findEvents(replay: Replay, target: Target): Resolved | undefined {
  const asked = EVENTS.find((one) => one === groupVersion(target))
  const resource = replay.resources.find((one) => one.resource === 'events' && EVENTS.includes(groupVersion(one)))
  if (asked === undefined || !resource) return undefined
  return { resource: checkNamespace(resource, target, replay), as: asked as Resolved['as'] }
}

/** A namespace that was not asked for is not an empty one. */
function checkNamespace(resource: CapturedResource, target: Target, { bundle, manifest }: Replay): CapturedResource {
  const { namespaces, restricted } = resource
  if (namespaces === undefined || target.namespace === undefined) return resource
  if (namespaces.includes(target.namespace) || restricted.has(target.namespace)) return resource
  const lines = linesOfList(manifest, resource, target.namespace)
  if (lines.length > 0) throw absent(bundle, describe(target), lines)
  throw notInBundle(describe(target), describeNamespaces(resource) ?? '')
}

function otherVersion(captured: CapturedResource, target: Target): Refusal {
  const why = `it was captured as ${groupVersion(captured)}, in no other version`
  return notInBundle(`${describe(target)} in ${groupVersion(target)}`, why)
}

function describe(target: Target): string {
  return `${resourceName(target)}${target.namespace === undefined ? '' : ` in namespace ${target.namespace}`}`
}
