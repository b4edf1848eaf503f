import { describe, expect, it } from 'vitest'
import { parseLogQuery } from '../../../src/serve/logs/query.ts'
import type { Refusal } from '../../../src/serve/refusal.ts'

function refusal(query: string): Refusal {
  try {
    parseLogQuery(new URLSearchParams(query), 'completed')
  } catch (error) {
    return error as Refusal
  }
  throw new Error(`${query} was not refused`)
}

describe('the query of a log', () => {
  it('asks for all of it, without timestamps, where it says nothing', () => {
    expect(parseLogQuery(new URLSearchParams(), 'completed')).toEqual({ previous: false, timestamps: false })
  })

  it('is read whole', () => {
    const query =
      'container=app&previous=true&follow=true&timestamps=1&tailLines=%2B07&limitBytes=9223372036854775807&sinceTime=2026-01-31T08:00:00.9%2B02:00'
    expect(parseLogQuery(new URLSearchParams(query), 'completed')).toEqual({
      container: 'app',
      previous: true,
      timestamps: true,
      tailLines: 7,
      limitBytes: 2 ** 63,
      sinceTime: Date.UTC(2026, 0, 31, 6),
    })
  })

  it.each([
    ['', true],
    ['no', true],
    ['False', false],
    ['0', false],
  ])('takes timestamps=%s for %s, as the server does', (word, expected) => {
    expect(parseLogQuery(new URLSearchParams({ timestamps: word }), 'completed').timestamps).toBe(expected)
  })

  it.each(['', 'null', '0001-01-01T00:00:00Z', '2026-01-31T8:00:00,5Z'])('takes sinceTime=%s', (time) => {
    expect(parseLogQuery(new URLSearchParams({ sinceTime: time }), 'completed').sinceTime).toBeDefined()
  })
})

/** As Kubernetes 1.34.4 answers; `test/e2e/replay-logs.test.ts` asks it. */
describe('a query that cannot be read is refused in the words of the server', () => {
  it.each([
    ['tailLines=abc', 'strconv.ParseInt: parsing "abc": invalid syntax'],
    ['tailLines=', 'strconv.ParseInt: parsing "": invalid syntax'],
    ['limitBytes=0x1', 'strconv.ParseInt: parsing "0x1": invalid syntax'],
    ['sinceSeconds=9223372036854775808', 'strconv.ParseInt: parsing "9223372036854775808": value out of range'],
    [`tailLines=-${'9'.repeat(100)}`, `strconv.ParseInt: parsing "-${'9'.repeat(100)}": value out of range`],
    ['sinceTime=abc', 'parsing time "abc" as "2006-01-02T15:04:05Z07:00": cannot parse "abc" as "2006"'],
    ['sinceTime=2026-01-01', 'parsing time "2026-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'],
    ['sinceTime=2026-13-01T00:00:00Z', 'parsing time "2026-13-01T00:00:00Z": month out of range'],
    ['sinceTime=2026-02-30T00:00:00Z', 'parsing time "2026-02-30T00:00:00Z": day out of range'],
    ['sinceTime=2026-01-01T25:00:00Z', 'parsing time "2026-01-01T25:00:00Z": hour out of range'],
    ['sinceTime=2026-01-01T00:00:00Zx', 'parsing time "2026-01-01T00:00:00Zx": extra text: "x"'],
    [
      'sinceTime=2026-01-01T00:00:00.5%2B25:00',
      'parsing time "2026-01-01T00:00:00.5+25:00": time zone offset hour out of range',
    ],
  ])('%s', (query, message) => {
    expect(refusal(query)).toMatchObject({ code: 400, reason: 'BadRequest', message })
  })
})

describe('a query that makes no sense is refused in the words of the server', () => {
  it.each([
    ['tailLines=-1', 'tailLines: Invalid value: -1: must be greater than or equal to 0'],
    ['limitBytes=0', 'limitBytes: Invalid value: 0: must be greater than 0'],
    ['sinceSeconds=0', 'sinceSeconds: Invalid value: 0: must be greater than 0'],
    [
      'sinceSeconds=5&sinceTime=2026-01-01T00:00:00Z',
      '[]: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
    ],
    ['stream=', 'stream: Forbidden: may not be specified'],
    [
      'sinceSeconds=-5&stream=x&limitBytes=-2',
      '[limitBytes: Invalid value: -2: must be greater than 0, sinceSeconds: Invalid value: -5: must be greater than 0, stream: Forbidden: may not be specified]',
    ],
  ])('%s', (query, message) => {
    const expected = { code: 422, reason: 'Invalid', message: `PodLogOptions "completed" is invalid: ${message}` }
    expect(refusal(query)).toMatchObject(expected)
  })

  it('with a cause for each field', () => {
    expect(refusal('tailLines=-5&limitBytes=0').details).toEqual({
      name: 'completed',
      kind: 'PodLogOptions',
      causes: [
        {
          reason: 'FieldValueInvalid',
          message: 'Invalid value: -5: must be greater than or equal to 0',
          field: 'tailLines',
        },
        { reason: 'FieldValueInvalid', message: 'Invalid value: 0: must be greater than 0', field: 'limitBytes' },
      ],
    })
  })
})
