import { createHmac, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createHmacSha256 } from '../../../src/capture/redact/hmac.ts'

const KEY = randomBytes(32)

function expected(value: string | Buffer): string {
  return createHmac('sha256', KEY).update(value).digest('hex')
}

describe('HMAC-SHA256', () => {
  it('is that of node:crypto for text and bytes of every length', () => {
    const hmac = createHmacSha256(KEY)
    for (const length of [5000, 0, 1, 55, 56, 63, 64, 65, 127, 128, 4095, 4096, 4097, 100_000, 7]) {
      const bytes = randomBytes(length)
      expect(hmac(bytes)).toBe(expected(bytes))
      expect(hmac(bytes.toString('hex'))).toBe(expected(bytes.toString('hex')))
    }
    for (const text of ['é\u{1F600}', 'ü'.repeat(3000), 'lone \ud800']) expect(hmac(text)).toBe(expected(text))
  })
})
