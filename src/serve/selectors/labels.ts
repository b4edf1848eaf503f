import { badRequest } from './bad-query.ts'
import {
  checkKey,
  checkValues,
  compileRequirement,
  type LabelMatch,
  OPERATORS,
  type Operator,
  type Requirement,
  unparsable,
} from './requirement.ts'
import { readTokens, type Token, type TokenReader } from './tokens.ts'

/** Selects all; a selector that asks nothing is this very function, so a caller can tell. */
export const everything: LabelMatch = () => true

/** Reads a label selector as the API server does (apimachinery, pkg/labels). Throws Refusal with the server's own words. '' selects all. */
export function parseLabelSelector(text: string): LabelMatch {
  const [first, ...more] = readRequirements(readTokens(text)).map(compileRequirement)
  if (first === undefined) return everything
  return more.length === 0 ? first : (labels) => first(labels) && more.every((matches) => matches(labels))
}

function readRequirements(tokens: TokenReader): readonly Requirement[] {
  const requirements: Requirement[] = []
  if (tokens.peek().kind === 'end') return requirements
  if (!beginsRequirement(tokens.peek()))
    throw badRequest(unexpected(tokens.peek(), "!, identifier, or 'end of string'"))
  for (;;) {
    requirements.push(readRequirement(tokens))
    const after = tokens.take()
    if (after.kind === 'end') return requirements
    if (after.text !== ',') throw badRequest(unexpected(after, "',' or 'end of string'"))
    if (!beginsRequirement(tokens.peek())) throw badRequest(unexpected(tokens.peek(), "identifier after ','"))
  }
}

function beginsRequirement({ kind, text }: Token): boolean {
  return kind === 'word' || text === '!'
}

function readRequirement(tokens: TokenReader): Requirement {
  const isNegated = tokens.peek().text === '!'
  if (isNegated) tokens.take()
  const key = readWord(tokens)
  checkKey(key)
  if (isNegated) return { key, operator: 'absent', values: NONE }
  if (endsRequirement(tokens.peek())) return { key, operator: 'exists', values: NONE }
  const operator = readOperator(tokens)
  const values = operator === 'in' || operator === 'notin' ? readValues(tokens) : readValue(tokens)
  checkValues(key, operator, values)
  return { key, operator, values }
}

const NONE: ReadonlySet<string> = new Set()

function endsRequirement({ kind, text }: Token): boolean {
  return kind === 'end' || text === ','
}

function readOperator(tokens: TokenReader): Operator {
  const token = tokens.take()
  const operator = OPERATORS.find((one) => one === token.text)
  if (operator === undefined) throw unparsable(unexpected(token, 'in, notin, =, ==, !=, gt, lt'))
  return operator
}

/** The one value of `=`; none is the empty one. */
function readValue(tokens: TokenReader): ReadonlySet<string> {
  return new Set([endsRequirement(tokens.peek()) ? '' : readWord(tokens)])
}

/** The values of `in`, in parentheses. */
function readValues(tokens: TokenReader): ReadonlySet<string> {
  const open = tokens.take()
  if (open.text !== '(') throw unparsable(`found '${open.text}' expected: '('`)
  const { kind, text } = tokens.peek()
  if (kind === 'word' || text === ',') return readList(tokens)
  if (text !== ')') throw unparsable(unexpected(tokens.peek(), "',', ')' or identifier"))
  tokens.take()
  return new Set([''])
}

/**
 * Values and commas up to the parenthesis. Nothing before, between or after commas is the empty value, but the server reads commas in pairs:
 * `(a,)` and `(a,,b)` are lists, and `(a,,)` is none (apimachinery, labels.Parser.parseIdentifiersList).
 */
function readList(tokens: TokenReader): ReadonlySet<string> {
  const values = new Set<string>()
  for (;;) {
    const token = tokens.take()
    const next = tokens.peek()
    if (token.kind === 'word') {
      values.add(token.text)
      if (next.text !== ',' && next.text !== ')') throw unparsable(unexpected(next, "',' or ')'"))
    } else if (token.text === ',') {
      if (values.size === 0 || next.text === ',' || next.text === ')') values.add('')
      if (next.text === ',') tokens.take()
    } else throw unparsable(unexpected(token, "',', or identifier"))
    if (next.text === ')') {
      tokens.take()
      return values
    }
  }
}

function readWord(tokens: TokenReader): string {
  const token = tokens.take()
  if (token.kind !== 'word') throw unparsable(unexpected(token, 'identifier'))
  return token.text
}

function unexpected({ text }: Token, expected: string): string {
  return `found '${text}', expected: ${expected}`
}
