import { describe, expect, it } from 'vitest'
import { parseFieldSelector } from '../../../src/serve/selectors/fields.ts'
import { refusal } from './refusal.ts'

describe('a field selector', () => {
  it.each([
    ['', []],
    [',,', []],
    ['=', []],
    ['=b', [{ path: '', operator: '=', value: 'b' }]],
    ['=b', [{ path: '', operator: '=', value: 'b' }]],
    ['a=b', [{ path: 'a', operator: '=', value: 'b' }]],
    ['a==b', [{ path: 'a', operator: '=', value: 'b' }]],
    ['a!=', [{ path: 'a', operator: '!=', value: '' }]],
    [' a= b', [{ path: ' a', operator: '=', value: ' b' }]],
    [String.raw`a=\\\,\=`, [{ path: 'a', operator: '=', value: String.raw`\,=` }]],
    [
      'b=1,a!=2',
      [
        { path: 'a', operator: '!=', value: '2' },
        { path: 'b', operator: '=', value: '1' },
      ],
    ],
  ])('%j is read', (text, terms) => expect(parseFieldSelector(text)).toEqual(terms))

  it.each([
    ['a', "invalid selector: 'a'; can't understand 'a'"],
    ['b=1,a', "invalid selector: 'b=1,a'; can't understand 'a'"],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
    ['a===b', 'invalid field selector: unescaped character in value: 61'],
    [String.raw`a=\n`, String.raw`invalid field selector: invalid escape sequence: \n`],
    ['a=\\😀', 'invalid field selector: invalid escape sequence: \\😀'],
    ['a=b\\', 'invalid field selector: invalid escape sequence: \\'],
  ])('%j is answered with the server’s words', (text, message) => {
    expect(refusal(() => parseFieldSelector(text))).toMatchObject({ code: 400, reason: 'BadRequest', message })
  })

  it('costs no more than its length', () => {
    const megabyte = 1_000_000
    expect(parseFieldSelector(`a=${'\\\\'.repeat(megabyte / 2)}`)[0]?.value).toHaveLength(megabyte / 2)
    expect(parseFieldSelector('a=b,'.repeat(megabyte / 4))).toHaveLength(megabyte / 4)
    expect(refusal(() => parseFieldSelector('!'.repeat(megabyte))).code).toBe(400)
  })
})
