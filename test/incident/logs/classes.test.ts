import { describe, expect, it } from 'vitest'
import { WORDINGS } from '../../../src/incident/logs/classes.ts'
import type { LogClass } from '../../../src/incident/logs/log-summary.ts'
import { CLASS_LINES } from './class-lines.ts'
import { summariseLines } from './summaries.ts'

const cases = Object.entries(CLASS_LINES)

describe.each(cases)('the class %s', (name, { yes, no }) => {
  it.each(yes)('has %s', async (line) => {
    expect(await classesOf(line)).toContain(name)
  })

  it.each(no)('has not %s', async (line) => {
    expect(await classesOf(line)).not.toContain(name)
  })

  it.each(yes)('is read of the message of a JSON line: %s', async (line) => {
    expect(await classesOf(JSON.stringify({ level: 'error', ts: 1, msg: 'failed', error: line }))).toContain(name)
  })
})

describe('the table of classes', () => {
  it('names a word of every line that a pattern matches', () => {
    const lines = cases.flatMap(([, { yes, no }]) => [...yes, ...no])
    for (const { pattern, words } of WORDINGS)
      for (const line of lines.filter((one) => pattern.test(one)))
        expect(
          words.filter((word) => line.toLowerCase().includes(word)),
          `${pattern} matches ${line}`,
        ).not.toEqual([])
  })

  it('has its words in small letters, and no pattern that remembers where it stopped', () => {
    for (const { pattern, except, words } of WORDINGS) {
      expect(words).toEqual(words.map((word) => word.toLowerCase()))
      expect(`${pattern.flags}${except?.flags ?? ''}`).not.toMatch(/[gy]/)
    }
  })
})

async function classesOf(line: string): Promise<readonly LogClass[]> {
  const { templates } = await summariseLines(line)
  return templates.flatMap(({ classes }) => classes)
}
