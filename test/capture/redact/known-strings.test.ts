import { describe, expect, it } from 'vitest'
import { createStringReader } from '../../../src/capture/redact/known-strings.ts'
import { createRedactor } from '../../../src/capture/redact/redact.ts'
import { createRandom } from './random.ts'
import { podWith } from './redactor.ts'

const SETTINGS = { key: Buffer.alloc(32, 7), configData: false, dropNodeImages: false }
const PODS = { type: 'list', group: '', resource: 'pods' } as const

/** Some that stay everywhere, some nowhere, and most that depend on what stands above or before them. */
const NAMES = ['MODE', 'DB_HOST', 'DB_PASSWORD', 'token', 'name', 'value', '--password', 'é', 'a"b', '']
const VALUES = [
  ...[
    'production',
    'hunter2',
    '8080',
    '30s',
    'true',
    'MySecretValue',
    'S3cr3tValue9',
    'token=hunter2',
    'mysql',
    '-u',
    '-p',
  ],
  ...['-phunter2', '--password', 'root:hunter2', 'login', 'http://a:b@c/', 'x\\"y', 'é', '{"token":"hunter2"}', ''],
  ...['eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrOHMifQ.c2lnbmF0dXJl', '<redacted:env:0123456789abcdef>', 'MODE', 'DB_PASSWORD'],
]

describe('strings that are known', () => {
  it('are judged as new ones are, wherever they stand', () => {
    const below = createRandom(11)
    const one = (list: readonly string[]) => list[below(list.length)] ?? ''
    const pod = () => ({
      ...podWith(
        {
          env: Array.from({ length: 4 }, () => ({ name: one(NAMES), value: one(VALUES) })),
          command: [one(VALUES), one(VALUES)],
          args: Array.from({ length: 4 }, () => one(VALUES)),
          [one(NAMES)]: one(VALUES),
          secret: { [one(NAMES)]: one(VALUES) },
        },
        { annotations: { [one(NAMES)]: one(VALUES) }, labels: { [one(NAMES)]: one(VALUES) } },
      ),
      [one(VALUES)]: one(VALUES),
    })
    const shared = createRedactor(SETTINGS)
    for (let n = 0; n < 2000; n++) {
      const page = JSON.stringify({ items: [pod(), pod()] })
      const expected = createRedactor(SETTINGS).redact(Buffer.from(page), PODS)
      const { body, counts } = shared.redact(Buffer.from(page), PODS)
      expect(body.toString(), page).toBe(expected.body.toString())
      expect(counts).toEqual(expected.counts)
    }
  })

  it('are told apart by every byte', () => {
    const read = createStringReader()
    const texts = ['', 'a', 'b', 'ab', 'é', 'Ã©', '\u{1F600}', 'a'.repeat(128), `${'a'.repeat(127)}b`, 'a'.repeat(129)]
    for (let round = 0; round < 2; round++) {
      for (const text of texts) {
        const bytes = Buffer.from(`x${text}x`)
        expect(read(bytes, 1, bytes.length - 1).text).toBe(text)
      }
    }
  })
})
