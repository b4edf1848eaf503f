import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { showReading } from '../../src/cli/analyze/reading.ts'
import type { Shell } from '../../src/cli/shell.ts'
import { bundleOf } from '../incident/scene.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** 4 MiB in two files. */
const BUNDLE = bundleOf({ objects: [], files: { 'a.json': 'a'.repeat(1024 ** 2), 'b.log': 'b'.repeat(3 * 1024 ** 2) } })

async function readAll(options: { isTTY: boolean; milliseconds: number; term?: string }): Promise<string> {
  let written = ''
  const write = (text: string) => {
    written += text
    return true
  }
  const stderr = { isTTY: options.isTTY, write }
  const shell = { stderr, env: { TERM: options.term ?? 'xterm' } } as unknown as Shell
  const reading = showReading(BUNDLE, shell)
  vi.advanceTimersByTime(options.milliseconds)
  expect((await reading.bundle.read('a.json')).length).toBe(1024 ** 2)
  vi.advanceTimersByTime(options.milliseconds)
  for await (const chunk of reading.bundle.stream('b.log')) expect(chunk.length).toBe(3 * 1024 ** 2)
  reading.end()
  reading.end()
  return written
}

it('says how far a long reading is, in one line that is gone at the end', async () => {
  expect(await readAll({ isTTY: true, milliseconds: 1000 })).toBe(
    '\r\x1b[KReading: 1.0 MiB of 4.0 MiB\r\x1b[KReading: 4.0 MiB of 4.0 MiB\r\x1b[K',
  )
})

it('says nothing of a short one, nor where nobody looks or a line cannot be removed', async () => {
  expect(await readAll({ isTTY: true, milliseconds: 10 })).toBe('')
  expect(await readAll({ isTTY: false, milliseconds: 1000 })).toBe('')
  expect(await readAll({ isTTY: true, milliseconds: 1000, term: 'dumb' })).toBe('')
})
