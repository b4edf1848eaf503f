import { isSensitiveName } from './shape.ts'

/** What a key means to the scan. Numbers, because they are compared for every key of every object. */
export const KEY = {
  other: 0,
  managedFields: 1,
  env: 2,
  args: 3,
  annotations: 4,
  name: 5,
  value: 6,
  data: 7,
  metadata: 8,
  spec: 9,
  status: 10,
  items: 11,
  object: 12,
  versions: 13,
  schema: 14,
  images: 15,
  sensitive: 16,
  namespace: 17,
  uid: 18,
  deletionTimestamp: 19,
  ownerReferences: 20,
  nodeName: 21,
  involvedObject: 22,
  type: 23,
  reason: 24,
  taints: 25,
  unschedulable: 26,
  stringData: 27,
  kind: 28,
} as const

const KNOWN: Readonly<Record<string, number>> = {
  managedFields: KEY.managedFields,
  env: KEY.env,
  args: KEY.args,
  command: KEY.args,
  annotations: KEY.annotations,
  name: KEY.name,
  value: KEY.value,
  data: KEY.data,
  binaryData: KEY.data,
  stringData: KEY.stringData,
  metadata: KEY.metadata,
  spec: KEY.spec,
  status: KEY.status,
  items: KEY.items,
  object: KEY.object,
  versions: KEY.versions,
  schema: KEY.schema,
  images: KEY.images,
  namespace: KEY.namespace,
  uid: KEY.uid,
  deletionTimestamp: KEY.deletionTimestamp,
  ownerReferences: KEY.ownerReferences,
  nodeName: KEY.nodeName,
  involvedObject: KEY.involvedObject,
  regarding: KEY.involvedObject,
  type: KEY.type,
  reason: KEY.reason,
  taints: KEY.taints,
  unschedulable: KEY.unschedulable,
  kind: KEY.kind,
}

/** Entries of the cache; keys of Kubernetes objects are a few hundred, those of labels and custom resources some thousand. */
const SLOTS = 8192

interface Slot {
  readonly bytes: Uint8Array
  readonly meaning: number
}

/** Finds what keys mean by their bytes, so that a key that was met before is never turned into a string again. */
export function createKeyTable(): (buffer: Uint8Array, start: number, end: number, hash: number) => number {
  const slots: (Slot | undefined)[] = new Array(SLOTS).fill(undefined)
  return (buffer, start, end, hash) => {
    const slot = slots[hash & (SLOTS - 1)]
    if (slot && isSame(slot.bytes, buffer, start, end)) return slot.meaning
    const bytes = buffer.slice(start, end)
    const meaning = meaningOf(Buffer.from(bytes).toString('utf8'))
    slots[hash & (SLOTS - 1)] = { bytes, meaning }
    return meaning
  }
}

function isSame(bytes: Uint8Array, buffer: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  if (bytes.length !== length) return false
  for (let at = 0; at < length; at++) if (bytes[at] !== buffer[start + at]) return false
  return true
}

function meaningOf(key: string): number {
  return (Object.hasOwn(KNOWN, key) ? KNOWN[key] : undefined) ?? (isSensitiveName(key) ? KEY.sensitive : KEY.other)
}
