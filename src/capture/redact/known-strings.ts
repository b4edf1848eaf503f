/** A string that was read, and where and under which name it was judged and stayed the last time. */
export interface KnownString {
  readonly text: string
  at: number
  under: string
}

/** Strings that are remembered: those of the pods of a page are some thousand, most of them in every replica. */
const SLOTS = 8192

/** Longer strings are seldom the same twice. */
const LONGEST = 128

const NOWHERE = -1

/**
 * Makes strings of bytes. One that was met lately is given again with what is known of it, because the replicas of a workload say the same
 * thousands of times; a string that is forgotten meanwhile is only judged anew.
 */
export function createStringReader(): (buffer: Buffer, start: number, end: number) => KnownString {
  const slots: (KnownString | undefined)[] = new Array(SLOTS).fill(undefined)
  return (buffer, start, end) => {
    if (end - start > LONGEST) return read(buffer, start, end)
    const slot = hash(buffer, start, end) & (SLOTS - 1)
    const known = slots[slot]
    if (known !== undefined && isAt(known.text, buffer, start, end)) return known
    const fresh = read(buffer, start, end)
    slots[slot] = fresh
    return fresh
  }
}

function read(buffer: Buffer, start: number, end: number): KnownString {
  return { text: buffer.toString('utf8', start, end), at: NOWHERE, under: '' }
}

function hash(buffer: Buffer, start: number, end: number): number {
  let sum = 0
  for (let at = start; at < end; at++) sum = (Math.imul(sum, 31) + (buffer[at] ?? 0)) | 0
  return sum ^ (sum >>> 13)
}

/** Only ASCII is as long in characters as in bytes. */
function isAt(text: string, buffer: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== buffer[start + at]) return false
  return true
}
