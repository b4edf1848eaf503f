import { quote } from './quote.ts'

/** Sign, zeros that say nothing, and no more digits than 64 bits have: longer ones cost no arithmetic. */
const SIGNED = /^([+-]?)0*(\d{1,20})$/

const INT64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n }
const UINT64 = { least: 0n, most: 2n ** 64n - 1n }

/** The integer that a text is to the API server, in 64 bits with a sign (Go, strconv.ParseInt); undefined if it is none. */
export function readInt64(text: string): bigint | undefined {
  const [, sign, digits] = SIGNED.exec(text) ?? []
  return digits === undefined ? undefined : within(INT64, sign === '-' ? -BigInt(digits) : BigInt(digits))
}

/** The same without a sign (Go, strconv.ParseUint). */
export function readUint64(text: string): bigint | undefined {
  const [, sign, digits] = SIGNED.exec(text) ?? []
  return digits === undefined || sign !== '' ? undefined : within(UINT64, BigInt(digits))
}

/** What Go says about a text that is no such integer. */
export function describeNoInteger(parser: 'ParseInt' | 'ParseUint', text: string): string {
  const isNumber = (parser === 'ParseInt' ? /^[+-]?\d+$/ : /^\d+$/).test(text)
  return `strconv.${parser}: parsing ${quote(text)}: ${isNumber ? 'value out of range' : 'invalid syntax'}`
}

function within({ least, most }: typeof INT64, value: bigint): bigint | undefined {
  return value >= least && value <= most ? value : undefined
}
