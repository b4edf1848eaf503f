import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { collectors } from '../../collectors/index.ts'

const FOLDER = join(import.meta.dirname, '..', '..', 'collectors')
const IDS = collectors.map(({ id }) => id)

describe('collectors', () => {
  it('are all in the list, each in a file of its own name', () => {
    const files = readdirSync(FOLDER).filter((name) =>
      readFileSync(join(FOLDER, name), 'utf8').includes(': Collector = {'),
    )
    expect(IDS.map((id) => `${id}.ts`).sort()).toEqual(files.sort())
  })

  it('stand in the order of volatility', () => {
    const bands = collectors.map(({ volatility }) => volatility)
    expect(bands).toEqual([...bands].sort())
  })

  it('have a test each, and a section in docs/collectors.md', () => {
    const tests = readdirSync(import.meta.dirname)
    expect(IDS.filter((id) => !tests.includes(`${id}.test.ts`))).toEqual([])
    const page = readFileSync(join(FOLDER, '..', 'docs', 'collectors.md'), 'utf8')
    expect([...page.matchAll(/^### `(.+)`/gm)].map(([, id]) => id)).toEqual(IDS)
  })

  it('stand in docs/collectors.md with the band and the title of the code', () => {
    const page = readFileSync(join(FOLDER, '..', 'docs', 'collectors.md'), 'utf8')
    for (const { id, title, volatility } of collectors)
      expect(page).toContain(`### \`${id}\`\n\n_${title}, band ${volatility}._`)
  })

  it('never declare to read Secrets, to change anything, or to connect to pods but to ask ports', () => {
    expect(JSON.stringify(collectors.map(({ reads }) => reads))).not.toMatch(
      /secrets|create|update|patch|delete|proxy|exec/,
    )
  })
})
