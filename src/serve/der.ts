/**
 * What a certificate needs of DER (ITU-T X.690): each function gives one element, its tag and length before its content.
 * The tags are those of X.680; a constructed one has bit 6 set.
 */

export function sequence(...elements: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(elements))
}

export function set(...elements: readonly Buffer[]): Buffer {
  return element(0x31, Buffer.concat(elements))
}

/** A whole number that is not negative, from its bytes: one zero before them where the first bit would be read as a sign. */
export function integer(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0)
  const digits = start < 0 ? Buffer.from([0]) : bytes.subarray(start)
  return element(0x02, (digits[0] ?? 0) < 0x80 ? digits : Buffer.concat([Buffer.from([0]), digits]))
}

export function boolean(value: boolean): Buffer {
  return element(0x01, Buffer.from([value ? 0xff : 0]))
}

/** Bits, of which the last `unused` ones do not count. */
export function bitString(bytes: Buffer, unused = 0): Buffer {
  return element(0x03, Buffer.concat([Buffer.from([unused]), bytes]))
}

export function octetString(bytes: Buffer): Buffer {
  return element(0x04, bytes)
}

/** An object identifier, `2.5.29.17`: the first two numbers in one byte, the others in base 128. */
export function identifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

export function text(value: string): Buffer {
  return element(0x0c, Buffer.from(value))
}

/** A time to the second. UTCTime, as RFC 5280 4.1.2.5 wants it until 2049. */
export function time(at: Date): Buffer {
  return element(0x17, Buffer.from(at.toISOString().slice(2, 19).replace(/[-:T]/g, '').concat('Z')))
}

/** A field with a number in place of its type: `[0]`, around whole elements or with bare content. */
export function tagged(number: number, content: Buffer, form: 'around' | 'bare'): Buffer {
  return element((form === 'around' ? 0xa0 : 0x80) + number, content)
}

function element(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content)]), content])
}

/** One byte below 128; else how many bytes follow, and those. */
function lengthOf({ length }: Buffer): number[] {
  if (length < 0x80) return [length]
  const bytes = length < 0x100 ? [length] : [length >> 8, length & 0xff]
  return [0x80 + bytes.length, ...bytes]
}

function base128(value: number): number[] {
  const digits = [value % 128]
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift(0x80 + (rest % 128))
  return digits
}
