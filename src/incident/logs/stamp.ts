/** The bytes of the timestamp before a line, with its blank; 0 where there is none. */
export function stampLength(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < SHORTEST || !isDate(bytes, from)) return 0
  const end = Math.min(to, from + LONGEST)
  for (let at = from + SHORTEST - 1; at < end; at++) {
    const byte = bytes[at]
    if (byte === SPACE) return at + 1 - from
    if (!isDigit(byte) && !OF_ZONE.has(byte ?? 0)) return 0
  }
  // A blank line may have lost the blank behind its timestamp.
  return end === to ? to - from : 0
}

/** Milliseconds since the epoch, of a timestamp with its blank; undefined for a time that cannot be. */
export function timeOf(bytes: Buffer, from: number, length: number): number | undefined {
  if (length === 0) return undefined
  const time = Date.parse(bytes.toString('latin1', from, from + length).trimEnd())
  return Number.isNaN(time) ? undefined : time
}

/** `2026-01-31T23:59:59Z `, and with nanoseconds and an offset. */
const SHORTEST = 20
const LONGEST = 36

const DATE = Buffer.from('0000-00-00T00:00:00')
const ZERO = 0x30
const SPACE = 0x20
const OF_ZONE: ReadonlySet<number> = new Set(Buffer.from('.Z+-:'))

function isDate(bytes: Uint8Array, from: number): boolean {
  for (let place = 0; place < DATE.length; place++) {
    const byte = bytes[from + place]
    const wanted = DATE[place]
    if (wanted === ZERO ? !isDigit(byte) : byte !== wanted) return false
  }
  return true
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= ZERO + 9
}
