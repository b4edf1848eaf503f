import { expect, it } from 'vitest'
import { openLog } from '../../../src/serve/logs/log.ts'
import { parseLogQuery } from '../../../src/serve/logs/query.ts'
import { bundleOf, NOW, POD } from './bundle.ts'

const LINES = [
  '2026-01-31T08:00:01.000000000Z one',
  'the rest of it',
  '2026-01-31T08:00:02.500000000Z two',
  '2026-01-31T08:00:03Z three',
].map((line) => `${line}\n`)

/** What a client gets of a log at a moment. */
async function showAt(moment: string, query: string, log = LINES.join('')): Promise<string> {
  const bundle = await bundleOf({ 'app.log': log })
  const parsed = parseLogQuery(new URLSearchParams(`container=app&timestamps=1&${query}`), 'web-1')
  const chunks: Buffer[] = []
  for await (const chunk of await openLog(bundle, POD, parsed, NOW, new Date(moment))) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

it.each([
  ['2026-01-31T08:00:00Z', 0],
  ['2026-01-31T08:00:01Z', 2],
  ['2026-01-31T08:00:02.499Z', 2],
  ['2026-01-31T08:00:02.500Z', 3],
  ['2026-01-31T09:00:00Z', 4],
])('a log at %s has its first %d lines', async (moment, lines) => {
  expect(await showAt(moment, '')).toBe(LINES.slice(0, lines).join(''))
})

it('the last lines of a log at a moment are the last ones of that moment', async () => {
  expect(await showAt('2026-01-31T08:00:02.500Z', 'tailLines=1')).toBe(LINES[2])
})

it('a log of many chunks ends at the same line, and its last line may be open', async () => {
  const long = Array.from(
    { length: 60_000 },
    (_, n) => `2026-01-31T08:${String(Math.floor(n / 1000)).padStart(2, '0')}:00Z ${n}\n`,
  )
  expect(await showAt('2026-01-31T08:29:59Z', '', long.join(''))).toBe(long.slice(0, 30_000).join(''))
  expect(await showAt('2026-01-31T09:00:00Z', '', `${LINES[0]}2026-01-31T08:00:02Z open`)).toContain('open')
})
