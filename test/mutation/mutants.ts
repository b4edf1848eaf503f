import { parseAst } from 'vitest/node'

/** One change of a source that a test should notice. */
export interface Mutant {
  readonly line: number
  readonly was: string
  readonly becomes: string
  /** The whole source, changed. */
  readonly source: string
}

/** A node of the syntax tree (ESTree), as far as this looks at it. */
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** Every condition flipped, each alone: what is asked the other way round, filters that let everything through, comparisons inverted. */
export function mutantsOf(source: string): readonly Mutant[] {
  return mutantsIn(source, parseAst(source, { lang: 'ts' }) as unknown as Node)
}

/** The conditions by which a rule decides: those in its `evaluate`. */
export function decisiveMutantsOf(source: string): readonly Mutant[] {
  const mutants: Mutant[] = []
  visit(parseAst(source, { lang: 'ts' }) as unknown as Node, (node) => {
    const isEvaluate = node.type === 'Property' && (node.key as Node).name === 'evaluate'
    if (isEvaluate) mutants.push(...mutantsIn(source, node.value as Node))
  })
  return mutants
}

function mutantsIn(source: string, tree: Node): readonly Mutant[] {
  const mutants: Mutant[] = []
  visit(tree, (node) => {
    for (const [part, becomes] of flips(node, (one) => source.slice(one.start, one.end))) {
      const was = source.slice(part.start, part.end)
      const line = source.slice(0, part.start).split('\n').length
      mutants.push({ line, was, becomes, source: source.slice(0, part.start) + becomes + source.slice(part.end) })
    }
  })
  return mutants
}

type Flip = readonly [Node, string]

function flips(node: Node, text: (node: Node) => string): readonly Flip[] {
  if (node.type === 'IfStatement' || node.type === 'ConditionalExpression') {
    const test = node.test as Node
    return isComparison(test) ? [] : [[test, `!(${text(test)})`]]
  }
  if (node.type === 'LogicalExpression') return flipLogical(node)
  if (node.type === 'BinaryExpression') return flipComparison(node, text)
  return node.type === 'CallExpression' ? flipCall(node, text) : []
}

/** `a && b` is a alone and b alone; so is `a || b`, unless b is a text to fall back on. */
function flipLogical(node: Node): readonly Flip[] {
  if (node.operator === '??') return []
  const neutral = node.operator === '&&' ? 'true' : 'false'
  return [node.left as Node, node.right as Node]
    .filter(({ type }) => type !== 'Literal' && type !== 'TemplateLiteral')
    .map((part) => [part, neutral])
}

const INVERSE: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
}

function isComparison({ type, operator }: Node): boolean {
  return type === 'BinaryExpression' && Object.hasOwn(INVERSE, operator as string)
}

function flipComparison(node: Node, text: (node: Node) => string): readonly Flip[] {
  const inverse = INVERSE[node.operator as string]
  return inverse === undefined ? [] : [[node, `${text(node.left as Node)} ${inverse} ${text(node.right as Node)}`]]
}

/** What a call of an array keeps or finds; where its argument is a function with one expression, everything is kept. */
const KEEPING: Readonly<Record<string, string>> = { filter: 'true', some: 'true', every: 'false' }

function flipCall(node: Node, text: (node: Node) => string): readonly Flip[] {
  const callee = node.callee as Node
  const argument = (node.arguments as readonly Node[])[0]
  if (callee.type !== 'MemberExpression' || !argument) return []
  const answer = KEEPING[text(callee.property as Node)]
  return answer === undefined ? [] : [[argument, `() => ${answer}`]]
}

/** Walks the tree, without types, which decide nothing. */
function visit(node: Node, see: (node: Node) => void): void {
  if (node.type.startsWith('TS') && !TRANSPARENT.has(node.type)) return
  see(node)
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, see)
  }
}

/** Expressions in a type's clothes. */
const TRANSPARENT: ReadonlySet<string> = new Set(['TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression'])

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}
