import { describe, expect, it } from 'vitest'
import { templateKey } from '../../../src/incident/logs/template-key.ts'
import { MAX_TEMPLATES } from '../../../src/incident/logs/templates.ts'
import { stampOf, summariseLines, summariseText, templateOf, timeOfSecond } from './summaries.ts'

describe('the key of a template', () => {
  it.each([
    ['took 12ms', 'took 1m30.5s'],
    ['to 10.0.0.1:80', 'to 10.20.0.133:8443'],
    ['id 3f2a7c1e-9b1d-4c55-8f3a-abcdefabcdef', 'id 00000000-0000-4000-8000-000000000001'],
    ['pod web-9d48bdb9d-kvqgj', 'pod web-78dc968cc6-pb2dg'],
    ['user "bob" failed', 'user "alice" failed'],
    ["key 'a' missing", "key 'b.c' missing"],
    ['at 2026-01-31T00:00:00Z', 'at 2026-01-30T23:59:59.123+02:00'],
    ['hash deadbeefcafe', 'hash 0123456789ab'],
    ['token <redacted:jwt:0123456789abcdef>', 'token <redacted:jwt:fedcba9876543210>'],
    ['a  b', 'a\tb'],
  ])('is one for %s and %s', (one, other) => {
    expect(templateKey(one)).toBe(templateKey(other))
  })

  it.each([
    ['cannot read', 'cannot write'],
    ['call failed error="no answer within 2s"', 'call failed error="bad gateway"'],
    ["can't read the user's file", "can't read the group's file"],
    ['upstream payments down', 'upstream catalog down'],
  ])('is another for %s and %s', (one, other) => {
    expect(templateKey(one)).not.toBe(templateKey(other))
  })
})

describe('a template', () => {
  it('has the exact words of its first line, its last, a count and times', async () => {
    const template = await templateOf(
      'level=error msg="order 1 failed"',
      'level=error msg="order 2 failed"',
      'level=info msg=x',
    )
    expect(template).toEqual({
      level: 'error',
      classes: [],
      example: { line: 1, at: timeOfSecond(0), text: 'level=error msg="order 1 failed"' },
      lastLine: { line: 2, at: timeOfSecond(1), text: 'level=error msg="order 2 failed"' },
      head: 2,
      count: 2,
      first: timeOfSecond(0),
      last: timeOfSecond(1),
      targets: [],
      resolvers: [],
      times: [timeOfSecond(0), timeOfSecond(1)],
    })
  })

  it('has at most 60 times, spread over its run', async () => {
    const { times, count } = await templateOf(
      ...Array.from({ length: 5000 }, (_, order) => `ERROR order ${order} failed`),
    )
    expect(count).toBe(5000)
    expect(times.length).toBeGreaterThan(30)
    expect(times.length).toBeLessThanOrEqual(60)
    expect(times[0]).toBe(timeOfSecond(0))
    expect(times.at(-1)).toBeGreaterThan(timeOfSecond(4800))
    expect(times).toEqual([...times].sort((one, other) => one - other))
  })

  it('is of one level and of one set of classes', async () => {
    const { templates } = await summariseLines(
      'ERROR status code 501 of call',
      'ERROR status code 503 of call',
      'WARN status code 501 of call',
    )
    expect(templates.map(({ level, classes }) => [level, classes])).toEqual([
      ['error', []],
      ['error', ['unavailable']],
      ['warn', []],
    ])
  })

  it('of a JSON line is told by its message and error, whatever its other fields', async () => {
    const { count, example } = await templateOf(
      '{"level":"error","msg":"call failed","err":"boom","user":"bob","trace":"x"}',
      '{"user":"alice","level":"error","msg":"call failed","err":"boom"}',
    )
    expect(count).toBe(2)
    expect(example.text).toBe('{"level":"error","msg":"call failed","err":"boom","user":"bob","trace":"x"}')
  })
})

describe('the number of templates', () => {
  it('is bounded, and those that are not kept are counted', async () => {
    const kinds = 100_000
    const lines = Array.from({ length: kinds }, (_, kind) => `${stampOf(kind)} WARN ${wordOf(kind)} went wrong\n`)
    const { templates, dropped, levels } = await summariseText(lines.join('') + lines.slice(-1000).join(''))
    expect(templates).toHaveLength(MAX_TEMPLATES)
    expect(dropped).toBe(kinds - MAX_TEMPLATES)
    expect(levels.warn).toBe(kinds + 1000)
  })

  it('leaves room for what is graver, however late it comes', async () => {
    const lines = Array.from({ length: 300 }, (_, kind) => `WARN ${wordOf(kind)} went wrong`)
    const { templates, dropped } = await summariseLines(...lines, 'FATAL cannot go on', 'panic: no')
    expect(templates).toHaveLength(MAX_TEMPLATES)
    expect(templates.at(-1)?.example.text).toBe('panic: no')
    expect(templates.at(-2)?.example.text).toBe('FATAL cannot go on')
    expect(templates[0]?.example.line).toBe(1)
    expect(dropped).toBe(202)
  })
})

/** A word of letters for each number: digits would make them one template. */
function wordOf(number: number): string {
  return [...number.toString()].map((digit) => 'ghijklmnop'[Number(digit)]).join('')
}
