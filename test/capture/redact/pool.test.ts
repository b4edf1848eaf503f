import { afterEach, describe, expect, it } from 'vitest'
import { openRedactPool } from '../../../src/capture/redact/pool.ts'
import { createRedactor } from '../../../src/capture/redact/redact.ts'
import { podWith } from './redactor.ts'

const SETTINGS = { key: Buffer.alloc(32, 7), configData: false, dropNodeImages: false }
const PODS = { type: 'list', group: '', resource: 'pods' } as const

let pool: ReturnType<typeof openRedactPool>
afterEach(() => pool.close())

function page(n: number): Buffer {
  const pods = Array.from({ length: 50 }, (_, i) => podWith({ env: [{ name: 'A', value: `literal ${n} ${i}` }] }))
  return Buffer.from(JSON.stringify({ items: pods }))
}

describe('the redaction stage', () => {
  it('gives each of many bodies its own answer, the same that one thread would give', async () => {
    pool = openRedactPool(SETTINGS)
    const alone = createRedactor(SETTINGS)
    const numbers = Array.from({ length: 40 }, (_, n) => n)
    const answers = await Promise.all(numbers.map((n) => pool.redact(page(n), PODS)))
    for (const n of numbers) {
      const expected = alone.redact(page(n), PODS)
      expect(answers[n]?.body.equals(expected.body)).toBe(true)
      expect(answers[n]?.counts).toEqual({ env: 50 })
      expect(answers[n]?.observed).toHaveLength(50)
    }
    expect(pool.keyId).toBe(alone.keyId)
  })

  it('frees a body that is given back, and no other', async () => {
    pool = openRedactPool(SETTINGS)
    const [given, kept] = await Promise.all([pool.redact(page(1), PODS), pool.redact(page(2), PODS)])
    given.release?.()
    expect(given.body).toHaveLength(0)
    expect(kept.body.equals(createRedactor(SETTINGS).redact(page(2), PODS).body)).toBe(true)
  })

  it('takes small bodies first: whoever waits for one asks for the next thing only then', async () => {
    pool = openRedactPool(SETTINGS)
    const order: string[] = []
    const redact = async (name: string, body: Buffer) => {
      await pool.redact(body, PODS)
      order.push(name)
    }
    const large = Array.from({ length: 10 }, (_, n) => redact('large', page(n)))
    await Promise.all([...large, redact('small', Buffer.from('{"items":[]}'))])
    expect(order).toHaveLength(11)
    expect(order.indexOf('small')).toBeLessThan(5)
  })

  it('refuses what it cannot read, says why, and goes on', async () => {
    pool = openRedactPool(SETTINGS)
    await expect(pool.redact(Buffer.from('<html>'), PODS)).rejects.toMatchObject({
      code: 'REDACTION_FAILED',
      message: expect.stringMatching(/^not JSON at byte \d+$/),
    })
    await expect(pool.redact(page(1), PODS)).resolves.toMatchObject({ counts: { env: 50 } })
  })

  it('refuses what it still holds when it is closed', async () => {
    pool = openRedactPool(SETTINGS)
    const pending = pool.redact(page(1), PODS)
    await Promise.all([expect(pending).rejects.toMatchObject({ code: 'REDACTION_FAILED' }), pool.close()])
  })

  it('withholds a body that takes too long, says so, and goes on with the others', async () => {
    const isLarge = (bytes: number) => bytes > 10_000_000
    pool = openRedactPool(SETTINGS, (bytes) => (isLarge(bytes) ? 20 : 60_000))
    const slow = Array.from({ length: 4 }, () =>
      pool.redact(Buffer.alloc(40_000_000, 'token=hunter2 '), { type: 'log' }),
    )
    const others = Array.from({ length: 10 }, (_, n) => pool.redact(page(n), PODS))
    for (const one of slow)
      await expect(one).rejects.toMatchObject({ code: 'REDACTION_FAILED', message: 'not redacted within 0 s' })
    for (const one of others) await expect(one).resolves.toMatchObject({ counts: { env: 50 } })
  })
})
