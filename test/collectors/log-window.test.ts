import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { createLogWindow } from '../../collectors/log-window.ts'

/** Feeds a text in chunks of a size; `last` comes after a skip. */
function window(text: string, budget: number, chunk: number, more: { last?: string; broken?: boolean } = {}) {
  const kept = createLogWindow(budget)
  for (let at = 0; at < text.length; at += chunk) kept.add(Buffer.from(text.slice(at, at + chunk)))
  if (more.last !== undefined) {
    kept.skip()
    kept.add(Buffer.from(more.last))
  }
  const { body, truncated } = kept.finish(more.broken ? 'broken' : 'whole')
  return { body: body.toString(), truncated, total: kept.total() }
}

function lines(from: number, to: number): string {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index)
  return numbers.map((n) => `2026-01-31T08:00:00.${String(n).padStart(9, '0')}Z line ${n}\n`).join('')
}

const LINES = lines(0, 200)

describe('the window on a log', () => {
  it.each([1, 7, 1000, 100_000])('keeps all of a log that fits exactly, in chunks of %d', (chunk) => {
    expect(window(LINES, LINES.length, chunk)).toEqual({ body: LINES, truncated: undefined, total: LINES.length })
  })

  it.each([301, 3000, LINES.length - 1])('of %d bytes never cuts again what it has cut, gap line and all', (budget) => {
    for (const more of [{}, { last: lines(300, 400) }]) {
      const { body } = window(LINES, budget, 1000, more)
      expect(body).toContain('--- freezeframe gap: ')
      expect(window(body, budget, 1000)).toMatchObject({ body, truncated: undefined })
    }
  })

  it.each([1, 7, 1000, 100_000])('counts every byte that it leaves out, in chunks of %d', (chunk) => {
    for (const budget of [LINES.length - 1, LINES.length - 2, 3001, 3000, 301]) {
      const { body } = window(LINES, budget, chunk)
      const [head = '', count = '', tail = ''] = body.split(/--- freezeframe gap: (\d+) bytes left out ---\n/)
      expect(LINES.startsWith(head)).toBe(true)
      expect(LINES.endsWith(tail)).toBe(true)
      expect(head.length + tail.length + Number(count)).toBe(LINES.length)
      expect(head.length + tail.length).toBeLessThanOrEqual(budget)
    }
  })

  it('cuts between lines, so that each that is kept is whole', () => {
    const { body } = window(LINES, 1000, 64)
    for (const line of body.trimEnd().split('\n')) expect(line).toMatch(/^2026-01-31T08:00:00.\d{9}Z line \d+$|^--- /)
  })

  it('cuts one line that is longer than all, with the gap on a line of its own', () => {
    const { body } = window(`${'a'.repeat(500_000)}${'z'.repeat(500_000)}\n`, 200_000, 4096)
    const [head, gap, tail] = body.split('\n')
    expect(head).toBe('a'.repeat(100_000))
    expect(gap).toBe('--- freezeframe gap: 800161 bytes left out ---')
    expect(tail).toBe('z'.repeat(99_839))
  })

  it('gives the two timestamps around a gap that nobody measured, and no line of its middle', () => {
    const { body, truncated } = window(LINES, 1000, 50, { last: lines(900, 905) })
    expect(body).toMatch(/^2026-01-31T08:00:00.000000000Z line 0\n/)
    expect(body.endsWith(lines(900, 905))).toBe(true)
    const [head = ''] = body.split('--- freezeframe gap')
    const before = head.trimEnd().split('\n').at(-1)?.split(' ')[0]
    expect(body).toContain(
      `--- freezeframe gap: size unknown, between ${before} and 2026-01-31T08:00:00.000000900Z ---\n${lines(900, 905)}`,
    )
    expect(truncated).toContain('size unknown')
  })

  it('marks the end of a log that broke off, also when its middle is missing', () => {
    expect(window('2026-01-31T08:00:00Z a\n', 100, 5, { broken: true }).body).toBe(
      '2026-01-31T08:00:00Z a\n--- freezeframe gap: size unknown, after 2026-01-31T08:00:00Z ---\n',
    )
    expect(window('2026-01-31T08:00:00Z a\n2026-01-31T08', 100, 5, { broken: true }).body).toBe(
      '2026-01-31T08:00:00Z a\n2026-01-31T08\n--- freezeframe gap: size unknown, after 2026-01-31T08:00:00Z ---\n',
    )
    const { body } = window(LINES, 400, 50, { broken: true })
    expect(body).toMatch(/gap: \d+ bytes left out ---\n[\s\S]+gap: size unknown, after \S+ ---\n$/)
  })

  it('of nothing is empty', () => {
    expect(window('', 100, 5)).toEqual({ body: '', truncated: undefined, total: 0 })
  })

  it('holds no more than its budget, however much passes', () => {
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const kept = createLogWindow(256 * 1024)
    const before = measureBuffers()
    for (let n = 0; n < 1000; n++) kept.add(chunk)
    expect(measureBuffers() - before).toBeLessThan(1024 * 1024)
    expect(kept.total()).toBe(1000 * chunk.length)
    expect(kept.finish('whole').body.length).toBeLessThan(257 * 1024)
  })
})

/** Bytes of buffers that somebody still holds. */
function measureBuffers(): number {
  setFlagsFromString('--expose-gc')
  // What the first one freed is counted off when the second one begins (V8, ArrayBufferSweeper).
  for (let round = 0; round < 2; round++) runInNewContext('gc')()
  return process.memoryUsage().arrayBuffers
}
