/** What the suffixes of a quantity multiply by (k8s.io/apimachinery/pkg/api/resource). */
const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** A Kubernetes quantity (`250m`, `1.5Gi`, `2e3`) as a number of cores, bytes or things; undefined for anything else. */
export function parseQuantity(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return undefined
  const found = /^([+-]?[0-9.]+)(e[+-]?\d+|E[+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/.exec(value)
  if (!found) return undefined
  const [, digits = '', suffix = ''] = found
  const amount = Number(digits)
  if (Number.isNaN(amount)) return undefined
  if (/^[eE][+-]?\d/.test(suffix)) return amount * 10 ** Number(suffix.slice(1))
  return amount * (SUFFIXES[suffix] ?? 1)
}

/** Bytes as people read them: `512Mi`, `1.5Gi`. */
export function showBytes(bytes: number): string {
  for (const [suffix, size] of [
    ['Gi', 2 ** 30],
    ['Mi', 2 ** 20],
    ['Ki', 2 ** 10],
  ] as const)
    if (Math.abs(bytes) >= size) return `${trim(bytes / size)}${suffix}`
  return `${trim(bytes)}`
}

/** Cores as people read them: `250m`, `1.5`. */
export function showCores(cores: number): string {
  return cores > 0 && cores < 1 ? `${Math.round(cores * 1000)}m` : trim(cores)
}

function trim(amount: number): string {
  return String(Number(amount.toFixed(1)))
}
