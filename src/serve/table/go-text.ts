import { compareText } from './labels.ts'

/** Nothing that people print is deeper; a stranger's object could exhaust the stack. */
const DEEPEST = 100

/** A JSON value as Go prints it: strings bare, lists and objects as encoding/json writes them; undefined for what is too deep. */
export function goText(value: unknown): string | undefined {
  if (value === null || value === undefined) return '<no value>'
  if (typeof value === 'object') return goJson(value, 0)
  return typeof value === 'number' ? goNumber(value) : String(value)
}

/** Whole numbers are int64 in the API server; others have an exponent from six digits before the point, or four zeros behind it. */
function goNumber(value: number): string {
  if (Number.isInteger(value)) return String(value)
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(value)
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

/** Keys in order, and safe within HTML, as encoding/json writes; numbers look the same in both languages. */
function goJson(value: unknown, depth: number): string | undefined {
  if (depth > DEEPEST) return undefined
  if (Array.isArray(value))
    return enclose(
      '[',
      value.map((item) => goJson(item, depth + 1)),
      ']',
    )
  if (typeof value !== 'object' || value === null) return escapeHtml(JSON.stringify(value))
  const entries = Object.entries(value).sort(([left], [right]) => compareText(left, right))
  const members = entries.map(([key, item]) => {
    const written = goJson(item, depth + 1)
    return written === undefined ? undefined : `${escapeHtml(JSON.stringify(key))}:${written}`
  })
  return enclose('{', members, '}')
}

function enclose(open: string, parts: readonly (string | undefined)[], close: string): string | undefined {
  return parts.includes(undefined) ? undefined : `${open}${parts.join(',')}${close}`
}

function escapeHtml(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
