import { describe, expect, it } from 'vitest'
import { stampOf, summariseLines, summariseText, textsOf, timeOfSecond } from './summaries.ts'

const GAP = '--- freezeframe gap: 12345 bytes left out ---\n'

describe('the summary of a log', () => {
  it('has its size, its first and last time and its last lines', async () => {
    const lines = Array.from({ length: 50 }, (_, order) => `level=info msg="order ${order}"`)
    const summary = await summariseLines(...lines)
    expect(summary).toMatchObject({
      path: 'logs/shop/web/1/web.log',
      bytes: lines.join('').length + 50 * 32,
      lines: 50,
      first: timeOfSecond(0),
      last: timeOfSecond(49),
      templates: [],
      dropped: 0,
      levels: { info: 50 },
      gapped: false,
    })
    expect(textsOf(summary.tail)).toEqual(lines.slice(-20))
    expect(summary.tail.at(-1)).toEqual({ line: 50, at: timeOfSecond(49), text: 'level=info msg="order 49"' })
  })

  it('is the same however the log is cut into chunks', async () => {
    const text = `${stampOf(0)} ERROR é 1\r\n${stampOf(1)} \n${stampOf(2)} ERROR é 2\n${GAP}${stampOf(3)} bye`
    const whole = await summariseText(text)
    expect(whole).toMatchObject({ lines: 5, gapped: true, levels: { error: 2, unknown: 1 }, last: timeOfSecond(3) })
    expect(textsOf(whole.tail)).toEqual(['ERROR é 1', 'ERROR é 2', 'bye'])
    for (const chunk of [1, 2, 3, 7, 31, 64]) expect(await summariseText(text, chunk)).toEqual(whole)
  })

  it('of nothing is empty', async () => {
    const summary = await summariseText('')
    expect(summary).toMatchObject({ bytes: 0, lines: 0, templates: [], tail: [], gapped: false })
    expect(summary).not.toHaveProperty('first')
    expect(summary).not.toHaveProperty('last')
  })

  it('does without timestamps, and with those of other zones', async () => {
    const bare = await summariseText('ERROR x\nbye\n')
    expect(bare.templates[0]?.example).toEqual({ line: 1, text: 'ERROR x' })
    expect(bare).not.toHaveProperty('first')
    const zoned = await summariseText('2026-01-31T02:00:00.123456789+02:00 ERROR x\n')
    expect(zoned.templates[0]?.example).toEqual({ line: 1, at: timeOfSecond(0) + 123, text: 'ERROR x' })
  })

  it('marks a gap, and takes no line that says so itself for one', async () => {
    expect(await summariseText(`${stampOf(0)} a\n${GAP}${stampOf(1)} b\n`)).toMatchObject({ gapped: true, lines: 3 })
    expect(await summariseText('--- freezeframe gap: size unknown, after the start ---\n')).toMatchObject({
      gapped: true,
    })
    expect(await summariseText(`${stampOf(0)} ${GAP}`)).toMatchObject({ gapped: false })
  })

  it('passes over blank lines', async () => {
    const { tail, lines } = await summariseText(`${stampOf(0)} a\n${stampOf(1)} \n\n${stampOf(2)}\n   \n`)
    expect(lines).toBe(5)
    expect(textsOf(tail)).toEqual(['a'])
  })

  it('counts the frames of stack traces, which are no lines of their own', async () => {
    const text = 'ERROR failed\njava.io.IOException: no\n\tat a.b.C.d(C.java:7)\n\tat a.b.E.f(E.java:8)\nINFO on\n'
    expect(await summariseText(text)).toMatchObject({ lines: 5, frames: 2 })
  })
})

describe('a hostile log', () => {
  it('may be one line of 10 MB without an end', async () => {
    const { lines, bytes, templates, tail } = await summariseText(`${stampOf(0)} ERROR ${'x'.repeat(10_000_000)}`)
    expect({ lines, bytes }).toEqual({ lines: 1, bytes: 10_000_037 })
    expect(templates[0]?.example.text).toHaveLength(1000)
    expect(tail[0]?.text).toHaveLength(1000)
  })

  it('may hold bytes that are no text', async () => {
    const bytes = Buffer.concat([Buffer.from('ERROR '), Buffer.from([0xff, 0xfe, 0x00, 0xc3]), Buffer.from('\n')])
    const { templates } = await summariseText(bytes)
    expect(templates).toHaveLength(1)
  })

  it('may cut a character in two where a quotation ends', async () => {
    const { tail } = await summariseText(`${'x'.repeat(999)}😀`)
    expect(tail[0]?.text).toBe('x'.repeat(999))
  })

  it.each([
    ['words of every class', 'refused timed out lookup connection to environment variable certificate '],
    ['words without blanks', 'aaaaaaaaaa'],
    ['dots', 'a.'],
    ['URLs', 'redis://a@'],
    ['quotes', `"'`],
    ['digits', '1.'],
    ['JSON without an end', '{"msg":"\\\\'],
    ['the beginnings of patterns', 'rate limit env var missing required '],
    ['blanks', ' '],
  ])('may repeat %s', async (_, words) => {
    const line = `ERROR connection refused ${words.repeat(4096 / words.length)}`
    // What backtracks takes longer than any test may.
    expect((await summariseText(`${line}\n`.repeat(50))).lines).toBe(50)
  })
})
