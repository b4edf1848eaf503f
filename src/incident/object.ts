import { type Json, listAt, stringsAt, textAt, timeAt } from './kubernetes.ts'
import type { Ref } from './reference.ts'
import { readWrites, type Write } from './writes.ts'

/** One captured object: what every rule may know of anything. */
export interface KubeObject {
  readonly ref: Ref
  /** Empty for core. */
  readonly group: string
  readonly resource: string
  readonly uid: string
  /** Where it stands in the bundle: `pointer` is `/items/7`. */
  readonly file: string
  readonly pointer: string
  /** As captured, without `metadata.managedFields`. */
  readonly json: Json
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Milliseconds since 1970, by the API server's clock. */
  readonly created: number | undefined
  /** `deletionTimestamp`: when its grace period is over, by the API server's clock. */
  readonly deleted: number | undefined
  readonly finalizers: readonly string[]
  readonly owners: readonly Owner[]
  /** Who wrote which fields when, oldest first. */
  readonly writes: readonly Write[]
}

/** An owner reference. */
export interface Owner {
  readonly kind: string
  readonly apiVersion: string
  readonly name: string
  readonly uid: string
  readonly controller: boolean
}

/** Where an object was found, and what the list says of it. */
export interface Found {
  readonly group: string
  readonly resource: string
  readonly kind: string
  readonly file: string
  readonly pointer: string
}

/** Makes an object of what a list page holds; undefined where it has no name. */
export function readObject(json: Json, found: Found): KubeObject | undefined {
  const metadata = json.metadata
  const name = textAt(metadata, 'name')
  if (name === '') return undefined
  const namespace = textAt(metadata, 'namespace')
  return {
    ref: { kind: textAt(json, 'kind') || found.kind, ...(namespace === '' ? {} : { namespace }), name },
    group: found.group,
    resource: found.resource,
    uid: textAt(metadata, 'uid'),
    file: found.file,
    pointer: found.pointer,
    writes: readWrites(metadata, found.resource !== 'pods'),
    json: dropManagedFields(json),
    labels: stringsAt(metadata, 'labels'),
    annotations: stringsAt(metadata, 'annotations'),
    created: timeAt(metadata, 'creationTimestamp'),
    deleted: timeAt(metadata, 'deletionTimestamp'),
    finalizers: listAt(metadata, 'finalizers').filter((one) => typeof one === 'string'),
    owners: listAt(metadata, 'ownerReferences').map(readOwner),
  }
}

function readOwner(owner: unknown): Owner {
  return {
    kind: textAt(owner, 'kind'),
    apiVersion: textAt(owner, 'apiVersion'),
    name: textAt(owner, 'name'),
    uid: textAt(owner, 'uid'),
    controller: (owner as Json | null)?.controller === true,
  }
}

/** They are the largest part of many objects, and read already. The parsed page is ours alone: it is changed in place. */
function dropManagedFields(json: Json): Json {
  const metadata = json.metadata as Record<string, unknown>
  delete metadata.managedFields
  return json
}
