import { describe, expect, it } from 'vitest'
import { everything, parseLabelSelector } from '../../../src/serve/selectors/labels.ts'
import { refusal } from './refusal.ts'

const LABELS = { app: 'web', tier: '', n: '007', 'example.com/role': 'db', in: 'notin' }

describe('a label selector', () => {
  it.each(['', ' ', '\t\r\n', '\0', ' \0app=x'])('%j selects all', (text) => {
    expect(parseLabelSelector(text)).toBe(everything)
  })

  it.each([
    'app',
    'app=web',
    'app==web',
    ' app\t=\nweb ',
    'app = web , tier',
    'app!=db',
    'missing!=web',
    'tier=',
    'tier',
    'tier,app',
    '!missing',
    '! missing',
    'app in (db,web)',
    'app in(web)',
    'tier in ()',
    'tier in (,)',
    'tier in (a,)',
    'tier in (a,,b)',
    'app notin (db)',
    'missing notin (db,)',
    'example.com/role=db',
    'in in (in, notin)',
    'in=notin',
    'n>6',
    'n > 6, n < 8',
    'app=web,app=web',
    'app=\0web',
  ])('%j selects', (text) => expect(parseLabelSelector(text)(LABELS)).toBe(true))

  it.each([
    'missing',
    'missing=',
    'app=WEB',
    'app!=web',
    'tier!=',
    '!app',
    'app in (db)',
    'app notin (db,web)',
    'n>7',
    'n<7',
    'app>0',
    'missing<1',
    'app=web,app=db',
    'app,missing',
  ])('%j does not', (text) => expect(parseLabelSelector(text)(LABELS)).toBe(false))

  it('takes no member of Object for a label', () => {
    for (const text of ['constructor', 'toString', 'constructor!=x,hasOwnProperty'])
      expect(parseLabelSelector(text)(LABELS)).toBe(false)
    expect(parseLabelSelector('!constructor,valueOf notin (x)')(LABELS)).toBe(true)
    expect(parseLabelSelector('constructor=x')({ constructor: 'x' } as unknown as Record<string, string>)).toBe(true)
  })

  it('compares in 64 bits, and nothing beyond', () => {
    const matches = parseLabelSelector('n>9223372036854775806')
    expect(matches({ n: '9223372036854775807' })).toBe(true)
    expect(matches({ n: '9223372036854775808' })).toBe(false)
    expect(matches({ n: '0009223372036854775807' })).toBe(true)
  })
})

describe('a label selector that is none', () => {
  it.each([
    [',', "found ',', expected: !, identifier, or 'end of string'"],
    ['a,', "found '', expected: identifier after ','"],
    ['a,,b', "found ',', expected: identifier after ','"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['!a=b', "found '=', expected: ',' or 'end of string'"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['!!a', "unable to parse requirement: found '!', expected: identifier"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a===b', "unable to parse requirement: found '=', expected: identifier"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a in (', "unable to parse requirement: found '', expected: ',', ')' or identifier"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a in (b c)', "unable to parse requirement: found 'c', expected: ',' or ')'"],
    ['a in (b,,)', "unable to parse requirement: found ')', expected: ',', or identifier"],
    [
      'a>x',
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
  ])('%j is answered with the server’s words', (text, message) => {
    expect(refusal(() => parseLabelSelector(text))).toEqual({
      code: 400,
      reason: 'BadRequest',
      message,
      details: undefined,
    })
  })

  it.each([
    ['-a', 'Invalid value: "-a": name part must consist of'],
    ['a/', 'name part must be non-empty; name part must consist of'],
    ['/a', 'prefix part must be non-empty'],
    ['a/b/c', 'a qualified name must consist of'],
    ['A.com/b', 'prefix part a lowercase RFC 1123 subdomain must consist of'],
    ['k'.repeat(64), 'name part must be no more than 63 characters'],
    [`${'p'.repeat(254)}/a`, 'prefix part must be no more than 253 characters'],
    ['a=-b', 'values[0][a]: Invalid value: "-b": a valid label must be an empty string or consist of'],
    ['a in (z,-,b)', 'values[0][a]: Invalid value: "-"'],
    ['a=é', 'Invalid value: "é"'],
    ['a=\u0001\u00a0', String.raw`Invalid value: "\x01\u00a0"`],
    [`a=${'v'.repeat(64)}`, 'must be no more than 63 characters'],
    ['a>1.5', 'the value must be an integer'],
    ['a>-1', 'a valid label must be'],
  ])('%j is answered with the part that is wrong', (text, words) => {
    expect(refusal(() => parseLabelSelector(text)).message).toContain(words)
  })

  it('takes the longest names that there are', () => {
    parseLabelSelector(`${'p'.repeat(253)}/${'k'.repeat(63)}=${'v'.repeat(63)}`)
  })
})

describe('a label selector made to cost', () => {
  const LENGTH = 1_000_000

  it.each([
    ['one key', 'a'.repeat(LENGTH)],
    ['a key that ends wrong', `${'a'.repeat(LENGTH)}-`],
    ['dots and dashes', `${'a.-'.repeat(LENGTH / 3)}/a`],
    ['slashes', 'a/'.repeat(LENGTH / 2)],
    ['a number', `a>${'0'.repeat(LENGTH)}x`],
    ['commas', `a in (${','.repeat(LENGTH)}`],
    ['signs', '!='.repeat(LENGTH / 2)],
  ])('%s: a megabyte is refused', (_, text) => expect(refusal(() => parseLabelSelector(text)).code).toBe(400))

  it('a megabyte of blanks, of values and of requirements is read', () => {
    expect(parseLabelSelector(' '.repeat(LENGTH))).toBe(everything)
    expect(parseLabelSelector(`a in (${'b,'.repeat(LENGTH / 2)})`)({ a: '' })).toBe(true)
    expect(parseLabelSelector(`${'a,'.repeat(LENGTH / 2)}a`)({ a: '' })).toBe(true)
  })
})
