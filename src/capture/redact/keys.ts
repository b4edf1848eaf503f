import { isSensitiveName } from './names.ts'
import { redactSecrets, redactTokens } from './tokens.ts'

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
  secretSource: 29,
  labels: 30,
  /** A key that is a secret itself. */
  token: 31,
  binaryData: 32,
  secretKey: 33,
  selector: 34,
  hostNetwork: 35,
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
  binaryData: KEY.binaryData,
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
  hostNetwork: KEY.hostNetwork,
  Value: KEY.value,
  // Selectors must go on matching: their values are those of labels.
  labels: KEY.labels,
  matchLabels: KEY.labels,
  nodeSelector: KEY.labels,
  selector: KEY.selector,
  // core/v1: SecretVolumeSource, SecretProjection, ServiceAccountTokenProjection, ServiceAccount, PodSpec; storage/v1: CSIDriverSpec.
  secret: KEY.secretSource,
  secrets: KEY.secretSource,
  imagePullSecrets: KEY.secretSource,
  serviceAccountToken: KEY.secretSource,
  tokenRequests: KEY.secretSource,
  secretKey: KEY.secretKey,
}

/** Entries of the cache; keys of Kubernetes objects are a few hundred, those of labels and custom resources some thousand. */
const SLOTS = 8192

/** A key that was met: its bytes with the closing quote, what it means, and the key that stood behind it the last time. */
interface Known {
  readonly bytes: Uint8Array
  readonly meaning: number
  readonly id: number
  next: Known | undefined
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Reads keys of JSON objects. */
export interface KeyReader {
  /** Reads the key that begins at `start`; returns the position of its closing quote, or -1 where it is no JSON string. */
  read(buffer: Uint8Array, start: number): number
  /** What the key that was read last means. */
  meaning(): number
  /** A number of its own for the key that was read last. */
  id(): number
}

/**
 * Finds what keys mean by their bytes, so that a key that was met before is never turned into a string again. Objects of one kind have
 * their keys in one order, so the key that followed last time is compared first, and mostly it is the one.
 */
export function createKeyReader(): KeyReader {
  const slots: (Known | undefined)[] = new Array(SLOTS).fill(undefined)
  let last: Known = { bytes: new Uint8Array(), meaning: KEY.other, id: 0, next: undefined }
  let count = 0
  return {
    read(buffer, start) {
      const guess = last.next
      if (guess !== undefined && isAt(guess.bytes, buffer, start)) {
        last = guess
        return start + guess.bytes.length - 1
      }
      const end = endOfKey(buffer, start)
      if (end < 0) return end
      const known = find(buffer, start, end + 1)
      last.next = known
      last = known
      return end
    },
    meaning: () => last.meaning,
    id: () => last.id,
  }

  function find(buffer: Uint8Array, start: number, end: number): Known {
    const slot = hash(buffer, start, end) & (SLOTS - 1)
    const known = slots[slot]
    if (known !== undefined && known.bytes.length === end - start && isAt(known.bytes, buffer, start)) return known
    // A copy: the page is moved to another thread, and slice() of a Buffer is no copy.
    const bytes = new Uint8Array(buffer.subarray(start, end))
    const fresh = {
      bytes,
      meaning: meaningOf(unescaped(Buffer.from(bytes).toString('utf8', 0, end - start - 1))),
      id: ++count,
      next: undefined,
    }
    // A key that is forgotten must not keep a chain of others alive.
    if (known !== undefined) known.next = undefined
    slots[slot] = fresh
    return fresh
  }
}

/** Bytes that end with a closing quote can be at one place only as the whole key, because a key ends at its first bare quote. */
function isAt(bytes: Uint8Array, buffer: Uint8Array, start: number): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at] !== buffer[start + at]) return false
  return true
}

function endOfKey(buffer: Uint8Array, start: number): number {
  for (let at = start; ; at++) {
    const byte = buffer[at]
    if (byte === QUOTE) return at
    if (byte === undefined || byte < 0x20) return -1
    if (byte === BACKSLASH) at++
  }
}

function hash(buffer: Uint8Array, start: number, end: number): number {
  let sum = 0
  for (let at = start; at < end; at++) sum = (Math.imul(sum, 31) + (buffer[at] ?? 0)) | 0
  return sum
}

function unescaped(raw: string): string {
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw
}

/** Lists and maps of variables in custom resources: `envs`, `extraEnvVars`, `environment`. */
const ENV =
  /^(?:extra|additional|common|global|pod|init|container|user|custom)?env(?:s|vars?|ironments?|ironmentVariables)?$/i

function meaningOf(key: string): number {
  const known = Object.hasOwn(KNOWN, key) ? KNOWN[key] : undefined
  if (known !== undefined) return known
  if (ENV.test(key)) return KEY.env
  // Values of sets in managedFields are keys: `v:"--password=…"` (structured-merge-diff, FieldsV1).
  const redact = key.startsWith('v:') ? redactSecrets : redactTokens
  if (redact(key, () => '') !== key) return KEY.token
  return isSensitiveName(key) ? KEY.sensitive : KEY.other
}
