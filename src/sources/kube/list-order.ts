import { KubeError } from './client.ts'

/**
 * Lists come in the order of their keys in etcd: `namespace/name`, or `name` in one namespace and for what has no namespace. So a key
 * says where in a list a page ended, and what of a later answer lies before it.
 */

/**
 * The key of the last object before a continue token, or undefined for the token of a server that makes its own. The API server's is
 * {v, rv, start} in base64url, `start` the rest of the key behind the list's prefix and a NUL, with or without the slash between them
 * (apiserver/pkg/storage/continue.go).
 */
export function keyOfToken(token: string): string | undefined {
  try {
    const { start } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as { start?: unknown }
    return typeof start === 'string' ? /^\/?((?:[^/]+\/)?[^/]+)\0$/.exec(start)?.[1] : undefined
  } catch {
    return undefined
  }
}

/** The key of a page's last object; undefined where its objects are not in order. */
export function keyOfLastItem(body: Buffer): string | undefined {
  const keys = readItems(body).map(qualifiedName)
  return isAscending(keys) ? keys.at(-1) : undefined
}

/**
 * Cuts the objects up to a key from the head of a page; what stays, stays byte for byte. Throws KubeError where the objects are not in
 * order, because then nobody can tell which were seen.
 */
export function omitItemsUpTo(body: Buffer, key: string): { body: Buffer; omitted: number; empty: boolean } {
  const items = readItems(body)
  const keys = items.map(key.includes('/') ? qualifiedName : ({ metadata }) => metadata.name)
  if (!isAscending(keys)) throw unordered()
  const omitted = keys.filter((one) => one <= key).length
  const empty = omitted === items.length
  if (omitted === 0 || empty) return { body, omitted, empty }
  const start = startOfItems(body)
  return {
    body: Buffer.concat([body.subarray(0, start), body.subarray(skipItems(body, start, omitted))]),
    omitted,
    empty,
  }
}

interface Item {
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

function readItems(body: Buffer): readonly Item[] {
  return (JSON.parse(body.toString('utf8')) as { items?: Item[] | null }).items ?? []
}

function qualifiedName({ metadata }: Item): string {
  return metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name
}

function isAscending(keys: readonly string[]): boolean {
  return keys.every((key, index) => index === 0 || (keys[index - 1] ?? '') < key)
}

/** Behind the bracket that opens `items`: the list's first such key, because its metadata holds no other. */
function startOfItems(body: Buffer): number {
  const opened = /"items"\s*:\s*\[/.exec(body.toString('latin1'))
  return opened ? opened.index + opened[0].length : 0
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPENING = [0x5b, 0x7b]
const CLOSING = [0x5d, 0x7d]

/** Behind the comma that follows so many objects. */
function skipItems(body: Buffer, start: number, count: number): number {
  let depth = 0
  let left = count
  for (let at = start; at < body.length; at++) {
    const byte = body[at] ?? 0
    if (byte === QUOTE) at = endOfString(body, at)
    else if (OPENING.includes(byte)) depth++
    else if (CLOSING.includes(byte)) depth--
    else if (byte === COMMA && depth === 0 && --left === 0) return at + 1
  }
  throw unordered()
}

function endOfString(body: Buffer, start: number): number {
  let at = start + 1
  while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1
  return at
}

function unordered(): KubeError {
  return new KubeError({
    message: 'The continue token had expired (410), and the list cannot be gone on with: its objects are in no order.',
    status: 410,
    reason: 'Expired',
  })
}
