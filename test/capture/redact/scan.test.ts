import { describe, expect, it } from 'vitest'
import { isSensitiveName } from '../../../src/capture/redact/names.ts'
import { redactSecrets } from '../../../src/capture/redact/tokens.ts'
import { createRandom } from './random.ts'
import { redactText } from './redactor.ts'

/** Pieces of which strings are made: secrets of every known shape, and what looks a little like one. */
const PIECES = [
  'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrOHMifQ.c2lnbmF0dXJl',
  'AKIAABCDEFGHIJKLMNOP',
  'ASIAABCDEFGHIJKLMNOP',
  'ghp_0123456789abcdefghijABCD',
  'gho_0123456789abcdefghijABCD',
  'github_pat_0123456789abcdefghijABCD',
  'glpat-0123456789abcdefghij',
  'xoxb-0123456789-abcdef',
  'xoxs-0123456789-abcdef',
  'sk_live_0123456789abcdefghij',
  'rk_live_0123456789abcdefghij',
  'AIzaSyA0123456789abcdefghijklmnopqrst',
  'Bearer abcdefgh12345678',
  'bearer abcdefgh12345678',
  'BEARER abcdefgh12345678',
  'basic abcdefgh12345678',
  'Basic YWJjZGVmZ2g6MTIz',
  'https://app:hunter2@example.com/',
  'postgres://a:b@c/d',
  'https://hooks.slack.com/services/T0/B0/abcdefgh',
  'https://discord.com/api/webhooks/1/abcdefgh',
  'https://b.example.com/k?X-Amz-Signature=0123456789&a=1',
  'https://b.example.com/k;sig=0123456789',
  'password=hunter2',
  'password: hunter2',
  'password:hunter2',
  'token:hunter2',
  'api_key:hunter2',
  'apiKey=hunter2',
  'secret: Hunter2',
  'credential:hunter2',
  'credentials:hunter2',
  'authorization:hunter2',
  'signature:hunter2',
  'passwd:hunter2',
  'DB_PWD:hunter2',
  '"password":"hunter2"',
  "token='hunter2'",
  '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----',
  'Back-off restarting failed container',
  'image:v1',
  'a@b',
  'é\u{1F600}"\\/',
  '\t\n',
  '10.0.0.1:443',
  'sha256:0123abcd',
  'jk_',
]

const KEYS = ['message', 'reason', 'text', 'hostIP', 'k', 'é"', 'x-y']

function makeValue(random: (below: number) => number, depth: number): unknown {
  const kind = random(depth > 3 ? 3 : 6)
  if (kind === 0) return random(1000) - 500
  if (kind === 1) return [true, false, null][random(3)]
  if (kind === 2 || kind === 3) return makeString(random)
  if (kind === 4) return Array.from({ length: random(4) }, () => makeValue(random, depth + 1))
  return Object.fromEntries(
    Array.from({ length: random(5) }, (_, n) => [`${KEYS[random(KEYS.length)]}${n}`, makeValue(random, depth + 1)]),
  )
}

function makeString(random: (below: number) => number): string {
  return Array.from({ length: 1 + random(3) }, () => PIECES[random(PIECES.length)]).join([' ', '', ', '][random(3)])
}

/** What the scan must come to, said with JSON.parse: every string is searched for tokens and pairs. */
function redactPlainly(value: unknown, mark: (rule: string, value: string) => string): unknown {
  if (typeof value === 'string') return redactSecrets(value, mark)
  if (Array.isArray(value)) return value.map((one) => redactPlainly(one, mark))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, redactPlainly(one, mark)]))
}

describe('the byte scan', () => {
  it('finds in 3,000 random documents what a plain walk over the parsed document finds', () => {
    for (const key of KEYS) expect(isSensitiveName(key)).toBe(false)
    for (let seed = 1; seed <= 3000; seed++) {
      const random = createRandom(seed)
      const document = { spec: makeValue(random, 0), message: makeString(random) }
      const indent = random(2) === 0 ? undefined : 2
      const { text } = redactText(JSON.stringify({ items: [document] }, null, indent), {
        type: 'list',
        group: '',
        resource: 'orders',
      })
      const anonymous = JSON.parse(text.replaceAll(/<redacted:([a-z-]+):[0-9a-f]{16}>/g, '<redacted:$1>'))
      const expected = redactPlainly(document, (rule) => `<redacted:${rule}>`)
      expect(anonymous.items[0], `seed ${seed}`).toEqual(expected)
    }
  })

  it('lets every piece through its first filter that the plain walk would change', () => {
    for (const piece of PIECES) {
      const plain = redactPlainly(piece, (rule) => `<redacted:${rule}>`)
      const { text } = redactText(JSON.stringify({ items: [{ message: piece }] }), {
        type: 'list',
        group: '',
        resource: 'events',
      })
      expect(JSON.parse(text).items[0].message === piece, piece).toBe(plain === piece)
    }
  })
})
