/** What stands in a bundle's log where bytes are missing (docs/bundle-format.md). */
const START = Buffer.from('--- freezeframe gap: ')
const END = Buffer.from(' ---')

/** A gap line with two timestamps has half as many bytes. */
export const LONGEST_GAP = 256

/** Whether the line that begins at an offset is one that the capture wrote; all others begin with the kubelet's timestamp. */
export function isGap(bytes: Buffer, at: number): boolean {
  if (bytes[at] !== START[0]) return false
  if (bytes.compare(START, 0, START.length, at, Math.min(at + START.length, bytes.length)) !== 0) return false
  const line = bytes.subarray(at, at + LONGEST_GAP)
  const end = line.indexOf(10)
  if (end < 0 && line.length === LONGEST_GAP) return false
  return line
    .subarray(0, end < 0 ? line.length : end)
    .subarray(-END.length)
    .equals(END)
}
