import { describe, expect, it } from 'vitest'
import { createRandom } from './random.ts'
import { podWith, redactList, redactText } from './redactor.ts'

const PODS = { type: 'list', group: '', resource: 'pods' } as const

describe('what is not replaced', () => {
  it.each([
    '{"items":[]}',
    '{ "items" : [ ] }\n',
    '{"items":null}',
    '{"items":[{"metadata":{"name":"\\u00e9\\/\\"x\\\\","big":123456789012345678901234567890,"e":1.50e+3,"n":-0}}]}',
    '{"a":1,"a":2,"items":[{"b":true,"b":null}]}',
    '\t{"items":[{"deep":[[[[{"x":[]}]]]]}]}\r\n',
    '{"items":[{"text":"emoji \u{1F600} and \u2028"}]}',
  ])('stays byte for byte: %j', (text) => expect(redactText(text, PODS).text).toBe(text))

  it('stays byte for byte around a replacement', () => {
    const text = '{ "items":[ {"spec":{"containers":[{"env":[ {"name":"P",  "value":"hello world"} ],"x":1.0}]}} ] }'
    const marked = redactText(text, PODS).text
    expect(marked.replace(/<redacted:env:[0-9a-f]{16}>/, 'hello world')).toBe(text)
  })
})

describe('what is redacted once', () => {
  const pod = podWith(
    { env: [{ name: 'A', value: 'hello world' }], args: ['--password=hunter2', '--token', 'hunter22'] },
    {
      annotations: {
        'example.com/a': 'text of a user',
        'kubectl.kubernetes.io/last-applied-configuration': '{"spec":{"env":[{"name":"B","value":"hello again"}]}}',
      },
    },
  )

  it.each([
    ['pods', pod],
    ['configmaps', { metadata: { name: 'x' }, data: { a: 'b c' } }],
    ['orders', { spec: { password: 'hunter2', url: 'https://a:hunter2@b.example.com/' } }],
  ])('passes a second time unchanged: %s', (resource, item) => {
    const once = redactList(resource, [item]).text
    const { text, counts } = redactText(once, { type: 'list', group: '', resource })
    expect(text).toBe(once)
    expect(counts).toEqual({})
    expect(once).toContain('<redacted:')
  })

  it('passes a second time unchanged: a log', () => {
    const log =
      '2026-01-31T08:00:00Z login password=hunter2 Bearer abcdefgh12345678 https://a:hunter2@b/ AKIAABCDEFGHIJKLMNOP\n'
    const once = redactText(log, { type: 'log' }).text
    expect(once).not.toContain('hunter2')
    expect(redactText(once, { type: 'log' })).toMatchObject({ text: once, counts: {} })
  })
})

describe('pseudonyms', () => {
  const pod = podWith({
    env: [
      { name: 'A', value: 'hello world' },
      { name: 'B', value: 'hello world' },
      { name: 'C', value: 'bye world' },
    ],
  })
  const values = (key: number) =>
    redactList('pods', [pod], { key: Buffer.alloc(32, key) }).items[0].spec.containers[0].env.map(
      (one: { value: string }) => one.value,
    )

  it('are equal for equal values, and differ for others', () => {
    const [a, b, c] = values(1)
    expect(a).toBe(b)
    expect(a).not.toBe(c)
  })

  it('differ with the key', () => expect(values(1)[0]).not.toBe(values(2)[0]))

  it('are equal wherever the value stood', () => {
    const [annotated] = redactList('pods', [podWith({}, { annotations: { 'example.com/a': 'hello world' } })], {
      key: Buffer.alloc(32, 1),
    }).items
    const digits = (marker: string) => marker.split(':')[2]
    expect(digits(annotated.metadata.annotations['example.com/a'])).toBe(digits(values(1)[0]))
  })
})

describe('what cannot be read', () => {
  it.each([
    ['', 'nothing'],
    ['{"items":[', 'cut off'],
    ['{"items":[{"a":"b}]}', 'an open string'],
    ['{"items":[]} x', 'more behind it'],
    ['{"items":[{"a" "b"}]}', 'no colon'],
    ['{"items":[{"a":tru}]}', 'no literal'],
    ['{"items":[{"a":"\n"}]}', 'a raw newline in a string'],
    ["{'items':[]}", 'other quotes'],
    ['<html>504 Gateway Time-out</html>', 'a page of a proxy'],
    [`{"items":[${'['.repeat(20_000)}`, 'an attack by depth'],
    [`{"items":[{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}]}`, 'a nesting of 20,000'],
    ['{"items":[{"metadata":{"managedFields":[{"a":"b}]', 'an open string in managedFields'],
    ['{"items":[{"a":01}]}', 'a number with a leading zero'],
    ['{"items":[{"a":1.}]}', 'a number that ends with its point'],
  ])('throws, so that it is withheld: %s', (text) => expect(() => redactText(text, PODS)).toThrow())

  it('throws where it is no UTF-8', () => {
    const bytes = Buffer.from('{"items":[{"a":"\xff"}]}', 'latin1')
    expect(() => redactText(bytes, PODS)).toThrow('not UTF-8')
  })

  it.each(['<html>', '{"a":', '{"a":1} trailing'])('throws where JSON was said and %j came', (text) =>
    expect(() => redactText(text, { type: 'json' })).toThrow(SyntaxError),
  )
})

describe('a line of JSON in a log', () => {
  const KEYS = ['password', 'tokens', 'secret', 'msg', 'name', 'value', 'pin', 'data', 'kind', 'apiKey']
  const STRINGS = [
    'hunter2',
    'Secret',
    'DB_PASSWORD',
    'password: hunter2',
    '{"password":"hunter2"}',
    '{"pin":1234}',
    'https://a:b@c/',
    'mysql -phunter2',
    'password: |\n  hunter2\n',
    'passwords:\n- hunter2\n',
    '-----BEGIN PRIVATE KEY-----\nMIIEvgIBADANBgkqhkiG9w0B\n-----END PRIVATE KEY-----\n',
    'secret="x\\"y"',
    'password=voil\u00e0',
  ]

  function make(random: (below: number) => number, depth: number): unknown {
    const kind = random(depth > 3 ? 3 : 6)
    if (kind === 0) return [random(100_000), -12_345.5, true, null][random(4)]
    if (kind < 3) return STRINGS[random(STRINGS.length)]
    if (kind === 3) return Array.from({ length: random(4) }, () => make(random, depth + 1))
    if (kind === 4) return JSON.stringify(make(random, depth + 1))
    return Object.fromEntries(
      Array.from({ length: random(5) }, () => [KEYS[random(KEYS.length)], make(random, depth + 1)]),
    )
  }

  it('stays JSON, and is redacted once: 5,000 of them', () => {
    for (let seed = 1; seed <= 5000; seed++) {
      const line = `${JSON.stringify({ a: make(createRandom(seed), 0) })}\n`
      const { text } = redactText(line, { type: 'log' })
      expect(() => JSON.parse(text), line).not.toThrow()
      expect(redactText(text, { type: 'log' }).text).toBe(text)
    }
  })
})
