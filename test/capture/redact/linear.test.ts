import { describe, expect, it } from 'vitest'
import { podWith, redactList, redactText } from './redactor.ts'

const SIZE = 512 * 1024
const fill = (piece: string) => piece.repeat(Math.ceil(SIZE / piece.length))

/** Fewer and fewer backslashes before a quote: no run of them is like another one. */
const falling = Array.from({ length: 1000 }, (_, n) => `:${'\\'.repeat(1000 - n)}"`).join('')
const BEGIN = '-----BEGIN RSA PRIVATE KEY-----'
const END = '-----END RSA PRIVATE KEY-----'

/** Each of them took from seven seconds to hours where an expression went back: the test would end by its own timeout. */
const HARD: Readonly<Record<string, string>> = {
  'half a megabyte of colons': fill('a:'),
  'beginnings of tokens': fill('eyJ'),
  'beginnings of tokens behind underscores': fill('_eyJaaaaaaaa'),
  'tokens of many parts': fill('eyJaaaaaaaa.eyJ_'),
  'a host that never ends': `https://${fill('a')}`,
  'users that never end': fill('ab://a:b'),
  'equal signs': `password${fill('=')}`,
  'backslashes in a Secret': `Secret ${fill('\\')}`,
  'backslashes behind a Secret': `"kind":"Secret" ${fill('\\')}`,
  'quotes of every depth': `"kind":"Secret","data":{${falling}${fill('a')}`,
  'a kind and spaces': `Secret "kind"${fill(' ')}`,
  'data of Secrets': `"kind":"Secret"${fill('"data":{"a":"b",')}`,
  'backslashes in private keys': fill(`${BEGIN}${'\\'.repeat(29_000)}x\n`),
  'a header of a private key': fill(`${BEGIN}\nDEK-Info:${', '.repeat(14_500)}!\n`),
  'ends of private keys': fill(`${END}${'\\'.repeat(100)}`),
  'beginnings of private keys': fill(BEGIN),
  'commands that never end': fill('mysql -a curl -b redis-cli '),
  'pairs of what pretends to be a marker': fill('token=<redacted:'),
  'quoted pairs of what pretends to be a marker': fill(`token='<redacted:`),
  'a list of values': `token=[${fill('"true", ')}`,
  'names and nothing': fill('token: '),
  'blocks of YAML': fill('password: |\n'),
  'blocks of YAML, deeper and deeper': Array.from({ length: 1000 }, (_, n) => `${' '.repeat(n)}password: |\n`).join(''),
  'names beside values': fill('name: token value: '),
  'elements of XML': fill('<token><a '),
}

describe('half a megabyte takes no longer than linear', () => {
  it.each(Object.keys(HARD))('in a log: %s', (name) => {
    expect(redactText(HARD[name] ?? '', { type: 'log' }).text.length).toBeGreaterThan(0)
  })

  it('in an argument and in an annotation of many pairs', () => {
    const pairs = 'a='.repeat(100_000)
    const pod = podWith({ args: [pairs, `--x=${pairs}y`] }, { annotations: { 'kubernetes.io/a': `b ${pairs}` } })
    expect(redactList('pods', [pod]).items).toEqual([pod])
  })

  it('in a key', () => {
    const { text } = redactList('orders', [{ spec: { [fill('_eyJaaaaaaaa')]: 'x' } }])
    expect(text.length).toBeGreaterThan(SIZE)
  })
})
