import { describe, expect, it } from 'vitest'
import type { BundleReader } from '../../../src/bundle/reader.ts'
import { openLog } from '../../../src/serve/logs/log.ts'
import { parseLogQuery } from '../../../src/serve/logs/query.ts'
import { bundleOf, NOW, POD, show } from './bundle.ts'

/** A line of the second `n` before the capture ended. */
function line(seconds: number, words: string): string {
  return `${new Date(NOW.getTime() - seconds * 1000).toISOString().replace('Z', '000001Z')} ${words}\n`
}

const GAP = '--- freezeframe gap: 12345 bytes left out ---\n'
const LINES = [line(40, 'first'), line(30, ''), line(20, '  third\r'), line(10, 'fourth')]
const WORDS = ['first\n', '\n', '  third\r\n', 'fourth\n']

/** Shows the log of `app` with this text. */
async function showApp(text: string | Buffer, query = ''): Promise<string> {
  return String(await show(await bundleOf({ 'app.log': text }), `container=app&${query}`))
}

describe('a captured log', () => {
  it('is shown without the timestamps, or with them', async () => {
    expect(await showApp(LINES.join(''))).toBe(WORDS.join(''))
    expect(await showApp(LINES.join(''), 'timestamps=true')).toBe(LINES.join(''))
    expect(await showApp(LINES.join(''), 'follow=true')).toBe(WORDS.join(''))
  })

  it.each([
    [0, ''],
    [1, WORDS.slice(3).join('')],
    [3, WORDS.slice(1).join('')],
    [4, WORDS.join('')],
    [2 ** 53, WORDS.join('')],
  ])('ends with its last %d lines', async (lines, expected) => {
    expect(await showApp(LINES.join(''), `tailLines=${lines}`)).toBe(expected)
  })

  it('counts a last line that was not ended', async () => {
    expect(await showApp(`${LINES.join('')}${line(1, 'cut').trimEnd()}`, 'tailLines=2')).toBe('fourth\ncut')
  })

  it('begins at a time', async () => {
    expect(await showApp(LINES.join(''), 'sinceSeconds=20')).toBe(WORDS.slice(2).join(''))
    expect(await showApp(LINES.join(''), 'sinceSeconds=19')).toBe(WORDS.slice(3).join(''))
    expect(await showApp(LINES.join(''), 'sinceTime=2026-01-31T08:00:50.9Z&timestamps=true')).toBe(LINES[3])
    expect(await showApp(LINES.join(''), 'sinceTime=2026-01-31T10:00:50%2B02:00')).toBe(WORDS[3])
    expect(await showApp(LINES.join(''), 'sinceTime=')).toBe(WORDS.join(''))
  })

  it('leaves out every line that is too old, wherever it stands, after the tail was counted', async () => {
    const mixed = [LINES[3], LINES[0], LINES[2]].join('')
    expect(await showApp(mixed, 'sinceSeconds=25')).toBe(`${WORDS[3]}${WORDS[2]}`)
    expect(await showApp(mixed, 'sinceSeconds=25&tailLines=2')).toBe(WORDS[2])
  })

  it('knows timestamps of every time zone and of whole seconds', async () => {
    const lines = '2026-01-31T10:00:20.000000000+02:00 early\n2026-01-31T03:00:50-05:00 late\n'
    expect(await showApp(lines)).toBe('early\nlate\n')
    expect(await showApp(lines, 'sinceSeconds=30')).toBe('late\n')
  })

  it('is cut at a byte', async () => {
    for (const limit of [1, 5, 6, 7, 1000])
      expect(await showApp(LINES.join(''), `limitBytes=${limit}`)).toBe(WORDS.join('').slice(0, limit))
    expect(await showApp(LINES.join(''), 'limitBytes=29&tailLines=1&timestamps=1')).toBe(LINES[3]?.slice(0, 29))
  })

  it('keeps bytes that are no UTF-8', async () => {
    const words = Buffer.from([0x63, 0xe9, 0xff, 0x00, 0x0d, 0x0a])
    const shown = await show(
      await bundleOf({ 'app.log': Buffer.concat([Buffer.from(line(5, '').trimEnd()), Buffer.from(' '), words]) }),
      'container=app',
    )
    expect(shown.equals(words)).toBe(true)
  })

  it('without timestamps, as a virtual kubelet gives them, is shown as it is', async () => {
    const text = 'listening on 8080\n2026-01-31 no timestamp\n--- freezeframe gap: said the app\n'
    expect(await showApp(text)).toBe(text)
    expect(await showApp(text, 'sinceSeconds=1')).toBe(text)
  })

  it('of the instance before is another one', async () => {
    const bundle = await bundleOf({ 'app.log': line(1, 'now'), 'app.previous.log': line(9, 'before') })
    expect(String(await show(bundle, 'container=app&previous=true'))).toBe('before\n')
  })

  it('is read of init and ephemeral containers, and of the only one without its name', async () => {
    const bundle = await bundleOf({ 'setup.log': line(9, 'set up'), 'debugger.log': line(1, 'looking') })
    expect(String(await show(bundle, 'container=setup'))).toBe('set up\n')
    expect(String(await show(bundle, 'container=debugger'))).toBe('looking\n')
    const single = { ...POD, spec: { initContainers: [{ name: 'app' }], containers: [{ name: 'setup' }] } }
    expect(String(await show(bundle, '', single))).toBe('set up\n')
  })
})

describe('a gap', () => {
  const cut = [LINES[0], line(30, 'half a li').trimEnd(), '\n', GAP, 'ne\n', LINES[2], LINES[3]].join('')

  it('stands where it is, between lines that were cut within', async () => {
    expect(await showApp(cut)).toBe(['first\n', 'half a li\n', GAP, 'ne\n', WORDS[2], WORDS[3]].join(''))
    expect(await showApp(cut, 'timestamps=true')).toBe(cut)
  })

  it('is no line of the log, and comes along between two that are asked for', async () => {
    const whole = [LINES[0], GAP, LINES[2], LINES[3]].join('')
    expect(await showApp(whole, 'tailLines=2')).toBe([WORDS[2], WORDS[3]].join(''))
    expect(await showApp(whole, 'tailLines=3')).toBe(['first\n', GAP, WORDS[2], WORDS[3]].join(''))
  })

  it('is left out where all that it stands for is too old', async () => {
    const whole = [LINES[0], GAP, LINES[2], LINES[3]].join('')
    expect(await showApp(whole, 'sinceSeconds=15')).toBe(WORDS[3])
    expect(await showApp(whole, 'sinceSeconds=25')).toBe([GAP, WORDS[2], WORDS[3]].join(''))
    expect(await showApp([LINES[0], GAP].join(''), 'sinceSeconds=5')).toBe(GAP)
  })
})

describe('a log of many steps', () => {
  const lines = Array.from({ length: 30_000 }, (_, number) =>
    line(30_000 - number, `${number} ${'x'.repeat(number % 97)}`),
  )
  const words = lines.map((one) => one.slice(one.indexOf(' ') + 1))

  it('is the same wherever its steps end', async () => {
    const bundle = await bundleOf({ 'app.log': lines.join('') })
    expect(String(await show(bundle, 'container=app'))).toBe(words.join(''))
    expect(String(await show(bundle, 'container=app&sinceSeconds=12345'))).toBe(words.slice(-12_345).join(''))
    for (const count of [1, 2_900, 5_800, 29_999, 30_000, 30_001])
      expect(String(await show(bundle, `container=app&tailLines=${count}`))).toBe(words.slice(-count).join(''))
  })

  it('knows a gap that lies across two steps of the search from its end', async () => {
    const last = line(1, '')
    for (let inside = 0; inside <= GAP.length; inside++) {
      const end = line(1, 'y'.repeat(256 * 1024 - inside - last.length))
      const text = [LINES[0], GAP, end].join('')
      expect((await showApp(text, 'tailLines=1&timestamps=1')) === end, `${inside} bytes of it`).toBe(true)
      expect((await showApp(text, 'tailLines=2&timestamps=1')) === text, `${inside} bytes of it`).toBe(true)
    }
  })

  it('passes lines of many mebibytes and lines of nothing', async () => {
    const long = 'x'.repeat(5 * 1024 * 1024)
    const text = `${line(9, 'before')}${line(8, long)}${line(7, '').repeat(50_000)}${line(6, 'after')}`
    const expected = `before\n${long}\n${'\n'.repeat(50_000)}after\n`
    expect((await showApp(text)) === expected).toBe(true)
    expect((await showApp(text, 'tailLines=50002')) === expected.slice(7)).toBe(true)
    expect((await showApp(text, 'sinceSeconds=8')) === expected.slice(7)).toBe(true)
    expect((await showApp(text, 'sinceSeconds=7')) === expected.slice(8 + long.length)).toBe(true)
  })
})

describe('a log of 2 GiB', () => {
  const SIZE = 2 ** 31 + 5
  const PAGE = Buffer.from(line(1, 'x'.repeat(99)).repeat(8192))
  let read = 0

  /** Every page of it is the same. */
  const reader = {
    files: new Map([['logs/shop/web-1/u1/app.log', SIZE]]),
    readRange: async (_: string, offset: number, length: number) => part(offset, length),
    async *stream(_: string, start = 0) {
      for (let at = start; at < SIZE; at += 1024 * 1024) yield part(at, Math.min(1024 * 1024, SIZE - at))
    },
  } as unknown as BundleReader

  function part(offset: number, length: number): Buffer {
    read += length
    const from = offset % PAGE.length
    return Buffer.concat([PAGE.subarray(from), PAGE, PAGE]).subarray(0, length)
  }

  async function measure(query: string): Promise<{ bytes: number; largest: number }> {
    let bytes = 0
    let largest = 0
    const parsed = parseLogQuery(new URLSearchParams(`container=app&${query}`), 'web-1')
    for await (const chunk of await openLog(reader, POD, parsed, NOW)) {
      bytes += chunk.length
      largest = Math.max(largest, chunk.length)
    }
    return { bytes, largest }
  }

  it('is given in pieces, and its end without the rest of it', async () => {
    expect((await measure('limitBytes=50000000')).largest).toBeLessThan(2 * 1024 * 1024)
    read = 0
    expect((await measure('tailLines=1001')).bytes).toBeLessThan(1001 * 100)
    expect((await measure('limitBytes=1000')).bytes).toBe(1000)
    expect(read).toBeLessThan(4 * 1024 * 1024)
  })
})

describe('a container', () => {
  it.each([
    ['', 'a container name must be specified for pod web-1, choose one of: [setup app proxy debugger]'],
    ['container=nope', 'container nope is not valid for pod web-1'],
  ])('is to be named and to be there (%s)', async (query, message) => {
    await expect(show(await bundleOf({}), query)).rejects.toMatchObject({ code: 400, reason: 'BadRequest', message })
  })

  it('is none in what is no pod', async () => {
    for (const pod of [null, [], 'pod', { spec: null }, { spec: { containers: 'app' } }, { metadata: { name: 7 } }]) {
      await expect(show(await bundleOf({}), '', pod)).rejects.toMatchObject({ code: 400 })
      await expect(show(await bundleOf({}), 'container=app', pod)).rejects.toMatchObject({ code: 400 })
    }
  })
})
