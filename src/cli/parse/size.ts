import { invalidOption } from './invalid.ts'

/** Powers of two as Kubernetes writes quantities (Ki, Mi, Gi, Ti) and powers of ten without the i; a trailing B changes nothing. */
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
}

/** Bytes of `500Mi`, `2GiB`, `1G`, `1.5Gi`, `1048576`. Throws OPTION_INVALID. */
export function parseSize(option: string, text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([kmgt]?i?)b?$/i.exec(text) ?? []
  const factor = unit === undefined ? undefined : UNITS[unit.toLowerCase()]
  const bytes = Math.floor(Number(number) * (factor ?? Number.NaN))
  if (bytes > 0 && Number.isSafeInteger(bytes)) return bytes
  throw invalidOption(option, text, 'is not a size', 'Write it as 500Mi, 2GiB, 1G or a number of bytes.')
}
