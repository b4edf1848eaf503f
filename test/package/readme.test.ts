import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { rulePages, withCollectorTable } from '../../readme.ts'
import { createProgram } from '../../src/cli/program.ts'
import { openShell } from '../../src/cli/shell.ts'

const readme = await readFile('README.md', 'utf8')

it('the table of collectors is what they declare (npm run readme)', () => {
  expect(withCollectorTable(readme)).toBe(readme)
})

it('names every command and every option of capture', () => {
  const program = createProgram(openShell())
  for (const command of program.commands) expect(readme).toContain(`freezeframe ${command.name()}`)
  const capture = program.commands.find((command) => command.name() === 'capture')
  for (const option of capture?.options ?? []) expect(readme).toContain(`${option.long}`)
})

it('names only scripts that exist', () => {
  const named = [...readme.matchAll(/npm run (?:-s )?([a-z:0-9]+)/g)].map((found) => found[1])
  expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(named))
})

it('the pages of the rules are what they say of themselves (npm run readme)', () => {
  const pages = rulePages()
  expect(readdirSync('docs/rules').map((name) => `docs/rules/${name}`)).toEqual([...pages.keys()].sort())
  for (const [path, text] of pages) expect(readFileSync(path, 'utf8')).toBe(text)
})
