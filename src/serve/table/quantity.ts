import { at } from './access.ts'

/** A resource.Quantity as the API server writes it; a missing one is `0`. */
export function quantity(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : '0'
}

/** Adds quantities and writes the sum in the format of the first that is not zero, as resource.Quantity's Add does. */
export function sumQuantities(quantities: readonly string[]): string {
  const parsed = quantities.map(parse).filter((one) => one.nanos !== 0n)
  const nanos = parsed.reduce((total, one) => total + one.nanos, 0n)
  return write(nanos, parsed[0]?.binary ?? false)
}

interface Parsed {
  readonly nanos: bigint
  readonly binary: boolean
}

/** Powers of ten that the decimal suffixes stand for (apimachinery, pkg/api/resource/suffix.go). */
const DECIMAL: readonly (readonly [suffix: string, power: bigint])[] = [
  ['E', 18n],
  ['P', 15n],
  ['T', 12n],
  ['G', 9n],
  ['M', 6n],
  ['k', 3n],
  ['', 0n],
  ['m', -3n],
  ['u', -6n],
  ['n', -9n],
]

const BINARY: readonly (readonly [suffix: string, power: bigint])[] = [
  ['Ei', 60n],
  ['Pi', 50n],
  ['Ti', 40n],
  ['Gi', 30n],
  ['Mi', 20n],
  ['Ki', 10n],
]

const NANO_DIGITS = 9n
const NANOS = 10n ** NANO_DIGITS

/** What metrics are made of: no sign, no exponent, and short, because a stranger may have written it. */
const QUANTITY = /^(\d{1,20})(?:\.(\d{1,9})\d{0,9})?([EPTGM]i?|Ki|[kmun]?)$/

function parse(written: string): Parsed {
  const [, whole = '0', fraction = '', suffix = ''] = QUANTITY.exec(written) ?? []
  const nanos = BigInt(whole) * NANOS + BigInt(fraction.padEnd(Number(NANO_DIGITS), '0'))
  const binary = BINARY.find(([name]) => name === suffix)
  if (binary) return { nanos: nanos << binary[1], binary: true }
  const power = DECIMAL.find(([name]) => name === suffix)?.[1] ?? 0n
  return { nanos: power < 0n ? divideUp(nanos, 10n ** -power) : nanos * 10n ** power, binary: false }
}

/** Nothing is finer than a billionth; what is counts as one. */
function divideUp(nanos: bigint, divisor: bigint): bigint {
  return (nanos + divisor - 1n) / divisor
}

/** The largest suffix that leaves a whole number; a fraction, and less than 1 Ki, are written in decimal. */
function write(nanos: bigint, binary: boolean): string {
  if (binary && nanos >= 1024n * NANOS && nanos % NANOS === 0n) {
    const whole = nanos / NANOS
    const [suffix, power] = BINARY.find(([, bits]) => whole % (1n << bits) === 0n) ?? ['', 0n]
    return `${whole >> power}${suffix}`
  }
  const [suffix, power] = DECIMAL.find(([, digits]) => nanos % 10n ** (digits + NANO_DIGITS) === 0n) ?? ['n', -9n]
  return nanos === 0n ? '0' : `${nanos / 10n ** (power + NANO_DIGITS)}${suffix}`
}
