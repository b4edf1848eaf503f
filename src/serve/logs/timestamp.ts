/** The bytes of the timestamp before a line, with its space; 0 where there is none. */
export function timestampLength(bytes: Buffer, at: number): number {
  if (isCommon(bytes, at)) return COMMON.length
  if (!isDigit(bytes[at])) return 0
  return TIMESTAMP.exec(bytes.toString('latin1', at, at + LONGEST_TIMESTAMP))?.[0].length ?? 0
}

/** In milliseconds; NaN for none and for a time that cannot be, which are not before anything. */
export function timeOf(bytes: Buffer, at: number, length: number): number {
  return Date.parse(bytes.toString('latin1', at, at + length - 1))
}

/** What the kubelet of a node on UTC writes (timeFormatOut), with 0 for any digit: nearly always this. */
const COMMON = Buffer.from('0000-00-00T00:00:00.000000000Z ')

/** RFC 3339 in any time zone, with any fraction, and a space. */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) /

/** A timestamp with its space has no more bytes. */
export const LONGEST_TIMESTAMP = '0000-00-00T00:00:00.000000000+00:00 '.length

function isCommon(bytes: Buffer, at: number): boolean {
  for (let place = 0; place < COMMON.length; place++) {
    const byte = bytes[at + place]
    const wanted = COMMON[place]
    if (wanted === ZERO ? !isDigit(byte) : byte !== wanted) return false
  }
  return true
}

const ZERO = 0x30
const NINE = 0x39

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE
}
