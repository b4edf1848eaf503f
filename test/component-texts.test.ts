import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAst } from 'vitest/node'

/** A node of the syntax tree (ESTree), as far as this looks at it. */
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

interface Source {
  readonly file: string
  readonly code: string
  readonly tree: Node
}

/** What the model calls a text that a component or a program wrote; `reason`, `type` and `kind` are names of the API, and no texts. */
const TEXTS = new Set(['text', 'words', 'message', 'note', 'line', 'example', 'cause'])

/** Words with a blank between them: names of the API, of images and of files have none. */
const PHRASE = /[a-z](?: |\\s[+*]?)\(*(?:\?:)?[a-z]/i

const rules = readdirSync('src/rules', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readSource(join('src/rules', name)))

describe('a rule', () => {
  it('never searches what a component said: src/incident/messages knows all wordings, and says which it is', () => {
    expect(rules.flatMap((one) => find(one, searchesText))).toEqual([])
  })

  it('never compares what a component said with words', () => {
    expect(rules.flatMap((one) => find(one, comparesText))).toEqual([])
  })

  it('has no pattern of a phrase, and makes none at run time', () => {
    expect(rules.flatMap((one) => find(one, isPhrase))).toEqual([])
  })

  it.each([
    ['/full/.test(said.text)', searchesText],
    ['FULL.exec(one.reason + one.text)', searchesText],
    ["(last?.text ?? '').toLowerCase().includes('full')", searchesText],
    ['message.match(FULL)', searchesText],
    ["words.startsWith('no space')", searchesText],
    ["text === 'no space left on device'", comparesText],
    ['/no space/', isPhrase],
    ['/timed\\s+(?:out|off)/i', isPhrase],
    ["new RegExp('full')", isPhrase],
  ])('is found out: %s', (code, isWrong) => {
    expect(find(readCode('', code), isWrong)).toHaveLength(1)
  })

  it.each([
    ['text.includes(budget.ref.name)', searchesText],
    ["words.classes.includes('retry')", searchesText],
    ["message === ''", comparesText],
    ['one.text === said.text', comparesText],
    ['/^kube-proxy(?:-|$)/', isPhrase],
  ])('may do this: %s', (code, isWrong) => {
    expect(find(readCode('', code), isWrong)).toEqual([])
  })
})

function readSource(file: string): Source {
  return readCode(file, readFileSync(file, 'utf8'))
}

function readCode(file: string, code: string): Source {
  return { file, code, tree: parseAst(code, { lang: 'ts' }) as unknown as Node }
}

/** Where such a node stands, with its code. */
function find({ file, code, tree }: Source, isWrong: (node: Node) => boolean): string[] {
  return nodesOf(tree)
    .filter(isWrong)
    .map(({ start, end }) => `${file}:${code.slice(0, start).split('\n').length} ${code.slice(start, end)}`)
}

function nodesOf(node: Node): Node[] {
  const within = Object.values(node).flat().filter(isNode)
  return [node, ...within.flatMap(nodesOf)]
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}

/** A text given to a pattern, or asked for a pattern or for fixed words; a name of the incident may be looked for in it. */
function searchesText({ type, callee, arguments: given }: Node): boolean {
  if (type !== 'CallExpression' || !isNode(callee) || callee.type !== 'MemberExpression') return false
  const { name } = callee.property as { name?: string }
  const [first] = given as readonly Node[]
  if (name === 'test' || name === 'exec') return isText(first)
  if (name === 'match' || name === 'matchAll' || name === 'search') return isText(callee.object as Node)
  const isSearch = name === 'includes' || name === 'startsWith' || name === 'endsWith' || name === 'indexOf'
  return isSearch && first?.type === 'Literal' && isText(callee.object as Node)
}

function comparesText({ type, left, right }: Node): boolean {
  if (type !== 'BinaryExpression') return false
  const sides = [left, right] as readonly Node[]
  return sides.some(isText) && sides.some((one) => one.type === 'Literal' && /\w/.test(String(one.value)))
}

function isPhrase({ type, regex, callee }: Node): boolean {
  if (type === 'NewExpression') return (callee as { name?: string }).name === 'RegExp'
  return type === 'Literal' && PHRASE.test((regex as { pattern: string } | undefined)?.pattern ?? '')
}

/** Whether an expression is a text by its name, or is made of one. */
function isText(node: Node | undefined): boolean {
  if (node === undefined) return false
  if (node.type === 'Identifier') return TEXTS.has(node.name as string)
  if (node.type === 'MemberExpression') return isText((node.computed ? node.object : node.property) as Node)
  if (node.type === 'CallExpression') return isNode(node.callee) && isText(node.callee.object as Node | undefined)
  const parts = [node.left, node.right, node.expression, ...((node.expressions ?? []) as readonly unknown[])]
  return parts.some((part) => isNode(part) && isText(part))
}
