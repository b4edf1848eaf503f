import { describe, expect, it } from 'vitest'
import { age, humanDuration } from '../../../src/serve/table/age.ts'
import { ago, NOW } from './print.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY

describe('ages', () => {
  it.each([
    [0, '0s'],
    [119, '119s'],
    [2 * MINUTE, '2m'],
    [9 * MINUTE + 59, '9m59s'],
    [10 * MINUTE + 59, '10m'],
    [179 * MINUTE, '179m'],
    [3 * HOUR, '3h'],
    [7 * HOUR + 59 * MINUTE, '7h59m'],
    [8 * HOUR + 59 * MINUTE, '8h'],
    [47 * HOUR, '47h'],
    [2 * DAY, '2d'],
    [7 * DAY + 23 * HOUR, '7d23h'],
    [8 * DAY + 23 * HOUR, '8d'],
    [2 * YEAR - 1, '729d'],
    [2 * YEAR, '2y'],
    [2 * YEAR + DAY, '2y1d'],
    [8 * YEAR + DAY, '8y'],
    [5000 * YEAR, '292y'],
  ])('of %i seconds read as kubectl writes them: %s', (seconds, written) => {
    expect(humanDuration(seconds * 1000)).toBe(written)
  })

  it('forgive a clock that is a second ahead, and no more', () => {
    expect(age(ago(-1), NOW)).toBe('0s')
    expect(age(ago(-2), NOW)).toBe('<invalid>')
  })

  it('are unknown for what is no time', () => {
    for (const none of [undefined, null, '', 7, 'yesterday', '2026', '0001-01-01T00:00:00Z', '2026-99-99T00:00:00Z']) {
      expect(age(none, NOW)).toBe('<unknown>')
    }
  })

  it('count from times of microseconds', () => {
    expect(age('2026-01-31T11:59:00.123456Z', NOW)).toBe('59s')
  })
})
