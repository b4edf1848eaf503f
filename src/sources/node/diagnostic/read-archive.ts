import { gunzip } from '../../../bundle/gunzip.ts'
import { readTarStream, type TarFile, type TarLimits } from '../../../bundle/tar-stream.ts'

/** Of a log its end is kept: the agent takes ten days of the kubelet's. */
const TAIL_BYTES = 2 * 1024 * 1024

/** What is packed inside the archive has no end that could be read alone; what is longer than this is left alone. */
const PACKED_BYTES = 16 * 1024 * 1024

/** An archive has some two hundred files, and one for each file of the logs of system pods. */
const LIMITS: TarLimits = {
  files: 5000,
  bytes: 128 * 1024 * 1024,
  tail: (path) => (isPacked(path) ? PACKED_BYTES : TAIL_BYTES),
}

/** What may come of the archive and of all that is unpacked of it, together: more is no node's logs, or would cost more than they tell. */
const MOST_UNPACKED = 4 * 1024 * 1024 * 1024

/** Linux has no longer paths (limits.h, PATH_MAX). */
const LONGEST_PATH = 4096

/** A text of an archive. */
export interface ArchivedText {
  readonly path: string
  readonly body: Buffer
  /** Why and how it is shorter than what the node has. */
  readonly truncated?: string
}

/** What became of the rest. */
export interface ArchiveEnd {
  /** Why it ended early, if it did. */
  readonly truncated: string | undefined
  /** Files that are no text, could not be unpacked, or have a name that another has. */
  readonly left: readonly string[]
}

/**
 * The texts of an agent's archive, one in memory at a time, as it comes; archives and packed logs inside of it are unpacked. Throws zlib's error
 * where the archive is damaged, BUNDLE_UNSAFE for a path that leads out of it.
 */
export async function* readArchive(
  chunks: AsyncIterable<Buffer>,
  isWanted: (path: string) => boolean,
  most = MOST_UNPACKED,
): AsyncGenerator<ArchivedText, ArchiveEnd> {
  const left: string[] = []
  const seen = new Set<string>()
  const room = { unpacked: most, files: LIMITS.files, bytes: LIMITS.bytes }
  const truncated = yield* readFiles(chunks, '')
  return { truncated, left }

  async function* readFiles(
    packed: AsyncIterable<Buffer>,
    folder: string,
  ): AsyncGenerator<ArchivedText, string | undefined> {
    const entries = readTarStream(atMost(gunzip(packed), room), LIMITS)
    for (;;) {
      const { done, value } = await entries.next()
      if (room.unpacked < 0) return `it unpacks to more than ${most} bytes`
      if (done) return value
      yield* readFile({ ...value, path: `${folder}${value.path}` }, folder)
      if (room.files < 0) return `it has more than ${LIMITS.files} files`
      if (room.bytes < 0) return `it has more than ${LIMITS.bytes} bytes`
    }
  }

  async function* readFile(file: TarFile, folder: string): AsyncGenerator<ArchivedText> {
    if (!isWanted(file.path)) return
    if (seen.has(file.path) || file.path.length > LONGEST_PATH) return void left.push(file.path)
    seen.add(file.path)
    if (isArchive(file.path) && folder === '') return yield* readInner(file)
    const text = isPacked(file.path) ? await unpackText(file, room) : endOf(file)
    if (text === undefined || isBinary(text.body)) left.push(file.path)
    else if (text.body.length > 0) yield* keep(text, file.path)
  }

  /** What was packed has the name of what it was, unless that is there too. */
  function* keep(text: ArchivedText, packedPath: string): Generator<ArchivedText> {
    const path = text.path !== packedPath && seen.has(text.path) ? packedPath : text.path
    if (path !== packedPath && !isWanted(path)) return
    seen.add(path)
    room.files--
    room.bytes -= text.body.length
    if (room.files >= 0 && room.bytes >= 0) yield { ...text, path }
  }

  /** An archive inside, as Bottlerocket's logdog leaves it; what it holds is as if it were a folder. */
  async function* readInner({ path, body, bytes }: TarFile): AsyncGenerator<ArchivedText> {
    try {
      const why = body.length < bytes ? 'too long' : yield* readFiles(chunksOf(body), `${path.replace(ARCHIVE, '')}/`)
      if (why !== undefined) left.push(path)
    } catch {
      left.push(path)
    }
  }
}

const ARCHIVE = /\.(?:tar\.gz|tgz)$/

function isArchive(path: string): boolean {
  return ARCHIVE.test(path)
}

function isPacked(path: string): boolean {
  return path.endsWith('.gz') || path.endsWith('.tgz')
}

async function unpackText({ path, body, bytes }: TarFile, room: Room): Promise<ArchivedText | undefined> {
  if (body.length < bytes) return undefined
  const parts: Buffer[] = []
  let length = 0
  try {
    for await (const part of atMost(gunzip(chunksOf(body)), room)) {
      parts.push(part)
      length += part.length
      // What stands before the end is not needed any more.
      while (length - (parts[0]?.length ?? 0) >= TAIL_BYTES) length -= parts.shift()?.length ?? 0
    }
  } catch {
    return undefined
  }
  if (room.unpacked < 0) return undefined
  const whole = Buffer.concat(parts)
  return endOf({ path: path.replace(/\.gz$/, ''), body: whole.subarray(-TAIL_BYTES), bytes: length })
}

/** What was cut begins with the beginning of a line. */
function endOf({ path, body, bytes }: TarFile): ArchivedText {
  // A copy: a part would keep the whole alive, and could not be moved to another thread.
  if (body.length === bytes) return { path, body: Buffer.from(body) }
  const truncated = `the last ${TAIL_BYTES / 1024 / 1024} MiB of it are kept`
  return { path, body: Buffer.from(body.subarray(body.indexOf(10) + 1)), truncated }
}

/** Texts have no zeros; what has cannot be looked through for secrets. */
function isBinary(body: Buffer): boolean {
  return body.includes(0)
}

async function* chunksOf(body: Buffer): AsyncGenerator<Buffer> {
  yield body
}

/** What may still be unpacked. */
interface Room {
  unpacked: number
}

/** Ends early where more comes than anybody wants. */
async function* atMost(chunks: AsyncIterable<Buffer>, room: Room): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    room.unpacked -= chunk.length
    if (room.unpacked < 0) return
    yield chunk
  }
}
