import { expect, it } from 'vitest'
import { hasBegun, hasStopped } from '../../src/rules/onset.ts'

const minutes = (number: number) => number * 60_000

it.each([
  ['is said often after a long silence', { begin: 0, first: minutes(30), last: minutes(40), count: 20 }, true],
  ['is said from the beginning of the log', { begin: 0, first: minutes(1), last: minutes(40), count: 60 }, false],
  [
    'comes so seldom that a silence is no wonder',
    { begin: 0, first: minutes(10), last: minutes(50), count: 10 },
    false,
  ],
  ['was said once', { begin: 0, first: minutes(30), last: minutes(30), count: 1 }, false],
  ['has no times', { begin: undefined, first: undefined, last: undefined, count: 20 }, false],
])('what %s', (_, repeated, begun) => {
  expect(hasBegun(repeated)).toBe(begun)
})

it('takes for over what was said often, and no more while the log goes on', () => {
  const minute = 60_000
  expect(hasStopped({ first: 0, last: minute, count: 14 }, 7 * minute)).toBe(true)
  expect(hasStopped({ first: 0, last: minute, count: 14 }, 3 * minute)).toBe(false)
  expect(hasStopped({ first: 0, last: 60 * minute, count: 4 }, 70 * minute)).toBe(false)
  expect(hasStopped({ first: 0, last: minute, count: 14 }, undefined)).toBe(false)
})
