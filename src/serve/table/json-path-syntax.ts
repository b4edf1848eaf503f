/** One step from values to values. */
export type Step =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'wildcard' | 'recursive' | 'keyword' }
  | { readonly type: 'slice'; readonly from: Bound; readonly to: Bound; readonly every: Bound }
  | { readonly type: 'union'; readonly paths: readonly Path[] }
  | { readonly type: 'filter'; readonly left: Path; readonly operator?: string; readonly right: Path }
  | { readonly type: 'constant'; readonly value: string | number | boolean }

type Bound = number | undefined

/** The steps of an expression, in order. */
export type Path = readonly Step[]

/** Longer expressions, and deeper ones, are nobody's column; the API server itself takes any. */
const MOST_CHARACTERS = 4096
const DEEPEST = 8

/**
 * Reads an expression in the dialect of client-go's util/jsonpath; undefined if it is not one. Odd as the dialect is, `['a.b']` is two
 * fields there, and a dot in a key is written `a\.b`.
 */
export function parseJsonPath(text: string): Path | undefined {
  return text.length > MOST_CHARACTERS ? undefined : parse(text, 0)
}

/** The steps that begin at a position, and where the text goes on. */
interface Taken {
  readonly steps: Path
  readonly end: number
}

function parse(text: string, depth: number): Path | undefined {
  if (depth > DEEPEST) return undefined
  const steps: Step[] = []
  let position = 0
  while (position < text.length && text[position] !== '}') {
    const taken = take(text, position, depth)
    if (!taken) return undefined
    if (taken.steps[0]?.type === 'recursive' && steps.at(-1)?.type === 'recursive') return undefined
    steps.push(...taken.steps)
    position = taken.end
  }
  return steps
}

function take(text: string, start: number, depth: number): Taken | undefined {
  if (text.startsWith('[?(', start)) return takeFilter(text, start + 3, depth)
  if (text.startsWith('..', start)) return takeRecursive(text, start + 2)
  const char = text.charAt(start)
  if (char === ' ' || char === '@' || char === '$') return { steps: [], end: start + 1 }
  if (char === '[') return takeBrackets(text, start + 1, depth)
  if (char === '"' || char === "'") return takeQuoted(text, start)
  if (char === '.') return takeField(text, start + 1)
  if (/[+\-\d]/.test(char)) return takeNumber(text, start)
  return WORD_CHARACTER.test(char) ? takeWord(text, start) : undefined
}

const WORD_CHARACTER = /[\p{L}\p{Nd}_]/u

/** `..name` needs no second dot. */
function takeRecursive(text: string, start: number): Taken {
  const recursive = { type: 'recursive' } as const
  if (!WORD_CHARACTER.test(text.charAt(start))) return { steps: [recursive], end: start }
  const { steps, end } = takeField(text, start)
  return { steps: [recursive, ...steps], end }
}

/** Everything up to what ends a name, where a backslash lets anything in. */
const NAME = /(?:\\.|[^\\ \t\r\n.,[\]$@{}])*/sy

function takeField(text: string, start: number): Taken {
  const written = matchAt(NAME, text, start)
  const name = written.replaceAll('\\', '')
  return { steps: [written === '*' ? { type: 'wildcard' } : { type: 'field', name }], end: start + written.length }
}

const WORD = /[^ \t\r\n.,[\]$@{}]+/y

/** true and false; other words are those of templates (`range`, `end`), which make no sense in a column. */
function takeWord(text: string, start: number): Taken {
  const word = matchAt(WORD, text, start)
  const isBoolean = word === 'true' || word === 'false'
  return { steps: [isBoolean ? constant(word === 'true') : { type: 'keyword' }], end: start + word.length }
}

function takeNumber(text: string, start: number): Taken | undefined {
  const written = matchAt(/[+-]?[\d.]*/y, text, start)
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(written)) return undefined
  return { steps: [constant(Number(written))], end: start + written.length }
}

/** Without a line break, and closed by the same mark unless that is escaped. */
const QUOTED = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/y
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', '"': '"', "'": "'" }

function takeQuoted(text: string, start: number): Taken | undefined {
  const written = matchAt(QUOTED, text, start)
  if (written === '') return undefined
  const value = written.slice(1, -1).replace(/\\(.)/g, (whole, char: string) => ESCAPED[char] ?? whole)
  return { steps: [constant(value)], end: start + written.length }
}

/** `[0]`, `[1:3]`, `[*]`, `['key']`, `[0,2]`; the first closing bracket ends it, even within quotes. */
function takeBrackets(text: string, start: number, depth: number): Taken | undefined {
  const close = text.indexOf(']', start)
  const inside = text.slice(start, close)
  if (close < 0 || inside.includes('\n')) return undefined
  const parts = inside.split(',')
  const steps = parts.length > 1 ? parseUnion(parts, depth) : parseSelector(inside, depth)
  return steps && { steps, end: close + 1 }
}

function parseUnion(parts: readonly string[], depth: number): Path | undefined {
  const paths = parts.map((part) => parse(`[${part.trim()}]`, depth + 1))
  const whole = paths.filter((path) => path !== undefined)
  return whole.length < paths.length ? undefined : [{ type: 'union', paths: whole }]
}

const SLICE = /^(-?\d+)?(:(-?\d+)?)?(:(-?\d+)?)?$/

function parseSelector(inside: string, depth: number): Path | undefined {
  const key = /^'([^']*)'$/.exec(inside)?.[1]
  if (key !== undefined) return parse(`.${key}`, depth + 1)
  const bounds = SLICE.exec(inside === '*' ? ':' : inside)
  if (!bounds) return undefined
  const [, from, colon, to, , every] = bounds
  const end = colon === undefined ? nextIndex(toNumber(from)) : toNumber(to)
  return [{ type: 'slice', from: toNumber(from), to: end, every: toNumber(every) }]
}

/** Where the slice of one item ends; that of the last ends with the list. */
function nextIndex(index = 0): number | undefined {
  return index === -1 ? undefined : index + 1
}

function toNumber(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits)
}

/** `?(@.type=="Ready")`, or without an operator whether there is anything at all. */
function takeFilter(text: string, start: number, depth: number): Taken | undefined {
  const close = findFilterEnd(text, start)
  if (close === undefined || text[close + 1] !== ']') return undefined
  const inside = text.slice(start, close)
  const [, before, operator, after] = /^([^!<>=]+)([!<>=]+)(.+)$/.exec(inside) ?? []
  const left = parse(before ?? inside, depth + 1)
  const right = parse(after ?? '', depth + 1)
  if (!left || !right) return undefined
  return { steps: [{ type: 'filter', left, right, ...(operator ? { operator } : {}) }], end: close + 2 }
}

/** The first closing parenthesis that is not in quotes. */
function findFilterEnd(text: string, start: number): number | undefined {
  let quote: string | undefined
  let isClosed = false
  for (let position = start; position < text.length; position++) {
    const char = text.charAt(position)
    if (char === '\n') return undefined
    if (char === ')' && (quote === undefined || isClosed)) return position
    if (quote !== undefined) isClosed ||= char === quote && text[position - 1] !== '\\'
    else if (char === '"' || char === "'") quote = char
  }
  return undefined
}

function constant(value: string | number | boolean): Step {
  return { type: 'constant', value }
}

/** What a sticky expression finds at a position, or nothing. */
function matchAt(expression: RegExp, text: string, position: number): string {
  expression.lastIndex = position
  return expression.exec(text)?.[0] ?? ''
}
