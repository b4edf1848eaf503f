import { FreezeframeError } from '../error.ts'
import type { ByteSource } from './byte-source.ts'
import type { IndexedFile } from './index-file.ts'

/** POSIX ustar: headers and bodies come in records of 512 bytes. */
export const RECORD = 512

/** More headers than this are no bundle: 150,000 pods with a current and a previous log each make 300,000, and each may have one for its name. */
const MOST_HEADERS = 1_000_000

/** An extended header of more than this is no path. */
export const LONGEST_EXTENSION = 1024 * 1024

/** What a walk over a tar found. */
export interface TarContents {
  readonly files: IndexedFile[]
  /** Entries that are no files and no folders: links, devices. They are never followed. */
  readonly ignored: string[]
  /** When the latest file was written, in milliseconds; 0 where no header says it. */
  readonly latest: number
  /** Why the walk ended early, if it did. */
  readonly truncated?: string
}

/**
 * Walks the headers of a tar that can be read at any place, without reading bodies. A tar that is cut off gives what stands before the cut.
 * Throws BUNDLE_UNSAFE for what no bundle has.
 */
export async function walkTar(source: ByteSource): Promise<TarContents> {
  const files: IndexedFile[] = []
  const ignored: string[] = []
  let latest = 0
  let extension: Extension = {}
  for (let at = 0, headers = 0; ; headers++) {
    if (headers > MOST_HEADERS) throw unsafe(`it has more than ${MOST_HEADERS} headers`)
    const header = await source.read(at, RECORD)
    if (header.length < RECORD)
      return { files, ignored, latest, truncated: `it is cut off after ${files.length} files` }
    if (header.every((byte) => byte === 0)) return { files, ignored, latest }
    if (!isTarHeader(header)) return { files, ignored, latest, truncated: `it is damaged after ${files.length} files` }
    const type = String.fromCharCode(header[156] || 0x30)
    const bytes = extension.size ?? readNumber(header.subarray(124, 136))
    const body = at + RECORD
    if (!isSize(bytes)) return { files, ignored, latest, truncated: `it is damaged after ${files.length} files` }
    at = body + Math.ceil(bytes / RECORD) * RECORD
    if (type === 'x' || type === 'L') {
      extension = { ...extension, ...(await readExtension(source, type, body, bytes)) }
      continue
    }
    const path = extension.path ?? readPath(header)
    extension = {}
    if (type === '0' || type === '7') {
      if (body + bytes > source.size) return { files, ignored, latest, truncated: `it is cut off inside ${path}` }
      files.push({ path, offset: body, bytes })
      latest = Math.max(latest, readTime(header))
    } else if (type !== '5' && type !== 'g') ignored.push(path)
  }
}

/** A pax record counts itself, in decimal digits (POSIX, pax, "Extended Header"). */
const RECORD_LENGTH = /^([1-9]\d{0,6}) /

/** What stands before an entry whose name or size its own header cannot hold. */
export interface Extension {
  path?: string
  size?: number
}

async function readExtension(source: ByteSource, type: string, offset: number, bytes: number): Promise<Extension> {
  if (bytes > LONGEST_EXTENSION) throw unsafe(`it has an extended header of ${bytes} bytes`)
  return parseExtension(type, await source.read(offset, bytes))
}

/** pax records (`<length> <key>=<value>\n`, type x) or GNU's long name (type L). */
export function parseExtension(type: string, body: Buffer): Extension {
  if (type === 'L') return { path: cString(body) }
  const extension: Extension = {}
  for (let at = 0; at < body.length; ) {
    const digits = RECORD_LENGTH.exec(body.toString('latin1', at, at + 8))?.[1] ?? ''
    const end = at + Number(digits)
    if (digits === '' || end > body.length) break
    const [key = '', value = ''] = split(body.toString('utf8', at + digits.length + 1, end - 1), '=')
    if (key === 'path') extension.path = value
    if (key === 'size') extension.size = Number(value)
    at = end
  }
  return extension
}

function unsafe(what: string): FreezeframeError {
  return new FreezeframeError('BUNDLE_UNSAFE', `The archive is no bundle: ${what}.`, { remedy: 'Do not unpack it.' })
}

/** A record cannot be read at an offset that a double cannot hold; a header may claim any. */
function isSize(bytes: number): boolean {
  return Number.isSafeInteger(bytes) && bytes >= 0 && bytes < 2 ** 52
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function readPath(header: Buffer): string {
  const name = cString(header.subarray(0, 100))
  // GNU's own format has `ustar  ` there, and times where POSIX has the prefix.
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? cString(header.subarray(345, 500)) : ''
  return prefix ? `${prefix}/${name}` : name
}

/** When a file was written, by its header, in milliseconds; 0 for what is no time that can be written with a year of four digits. */
function readTime(header: Buffer): number {
  const seconds = readNumber(header.subarray(136, 148))
  return seconds > 0 && seconds < LATEST_TIME ? seconds * 1000 : 0
}

/** The year 10000, in seconds. */
const LATEST_TIME = 253_402_300_800

/** The name and the time of the entry whose body begins at an offset: a header stands right before it. */
export async function readEntryHeader(
  source: ByteSource,
  body: number,
): Promise<{ readonly path: string; readonly written: number } | undefined> {
  if (body < RECORD) return undefined
  const header = await source.read(body - RECORD, RECORD)
  if (header.length < RECORD || !isTarHeader(header)) return undefined
  return { path: readPath(header), written: readTime(header) }
}

/** What a header says of the entry that follows it; undefined for what is none. */
export function readTarHeader(
  header: Buffer,
): { readonly path: string; readonly type: string; readonly bytes: number } | undefined {
  const bytes = readNumber(header.subarray(124, 136))
  if (!isTarHeader(header) || !isSize(bytes)) return undefined
  return { path: readPath(header), type: String.fromCharCode(header[156] || 0x30), bytes }
}

/** Octal text, or, with the first bit set, big-endian base 256 (GNU, for sizes over 8 GiB). */
function readNumber(field: Buffer): number {
  if (((field[0] ?? 0) & 0x80) === 0) return Number.parseInt(cString(field).trim() || '0', 8)
  return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0)
}

function cString(field: Buffer): string {
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end < 0 ? field.length : end)
}

/** Whether a record's checksum is right: the sum of its bytes, the field itself counted as spaces. */
export function isTarHeader(header: Buffer): boolean {
  const stored = readNumber(header.subarray(148, 156))
  let sum = 8 * 0x20
  for (let at = 0; at < RECORD; at++) if (at < 148 || at >= 156) sum += header[at] ?? 0
  return sum === stored
}
