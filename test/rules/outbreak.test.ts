import { expect, it } from 'vitest'
import { outbreakOf } from '../../src/rules/outbreak.ts'
import { ago, incidentOf, repeated } from '../incident/scene.ts'
import { pod } from '../incident/things.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const FAILED = 'ERROR Get "http://stock:8080/": context deadline exceeded'
const failed = (times: number, from: number, to: number) => repeated(FAILED, times, from, to)
const served = (times: number, from: number, to: number) => repeated('INFO served', times, from, to)
const ofBoth = (...texts: readonly string[]) =>
  texts
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .sort()
    .map((line) => `${line}\n`)
    .join('')

async function outbreakIn(text: string, status = {}) {
  const web = pod('shop/web', { containers: [{ status }] })
  const incident = await incidentOf({ objects: [web], logs: { 'shop/web/app': text } })
  const [log] = incident.logs
  return log && outbreakOf(incident, log, log.summary.templates)
}

it.each([
  ['begins after hours without, and goes on', served(400, 6 * HOUR, HOUR) + failed(80, HOUR, 10), 'begun'],
  [
    'begins, while one of several calls goes on to succeed',
    ofBoth(served(900, 6 * HOUR, 5), failed(80, HOUR, 10)),
    'begun',
  ],
  ['fills a log that begins inside the incident', failed(80, HOUR, 10), 'fills'],
  [
    'fills it with stacks',
    ofBoth(failed(80, HOUR, 10)).replaceAll('exceeded\n', 'exceeded\n\tat a.b.C.d(C.java:7)\n\tat a.b.E.f(E.java:8)\n'),
    'fills',
  ],
  ['is few among many, and new', ofBoth(served(9000, 6 * HOUR, 5), failed(61, HOUR, 10)), undefined],
  ['is few among many in a log that begins with it', ofBoth(served(500, HOUR, 5), failed(80, HOUR, 10)), undefined],
  ['comes now and then since the log began', ofBoth(served(900, 20 * HOUR, 5), failed(60, 20 * HOUR, 60)), undefined],
  ['fills a log of many hours', failed(1200, 20 * HOUR, 10), undefined],
  ['fills a short log now and then', failed(12, HOUR, 60), undefined],
  ['is only a handful', failed(8, 5 * MINUTE, 10), undefined],
  ['has no times', `${FAILED}\n`.repeat(80), undefined],
  ['is over', served(400, 6 * HOUR, HOUR) + failed(80, HOUR, 20 * MINUTE), undefined],
  ['comes in bursts', failed(60, HOUR, 50 * MINUTE) + failed(60, 10 * MINUTE, 10), undefined],
  ['lasts for a moment', served(400, 6 * HOUR, 2 * MINUTE) + failed(40, 2 * MINUTE, 10), undefined],
  ['began days ago', served(400, 60 * HOUR, 50 * HOUR) + failed(4000, 50 * HOUR, 10), undefined],
])('what %s', async (_, log, outbreak) => {
  expect(await outbreakIn(log)).toBe(outbreak)
})

it('is over where the container ended well', async () => {
  const ended = (exitCode: number) => ({ state: { terminated: { exitCode, finishedAt: ago(5) } } })
  expect(await outbreakIn(failed(80, HOUR, 10), ended(1))).toBe('fills')
  expect(await outbreakIn(failed(80, HOUR, 10), ended(0))).toBeUndefined()
})
