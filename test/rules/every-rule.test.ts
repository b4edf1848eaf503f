import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { rules } from '../../src/rules/index.ts'

const files = readdirSync('src/rules', { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('/'))
const named = files.flatMap((name) => {
  const found = /^export const (\w+): Rule<'([^']+)'>/m.exec(readFileSync(`src/rules/${name}`, 'utf8'))
  return found ? [{ file: name, constant: found[1] ?? '', id: found[2] ?? '' }] : []
})

it('every rule has the name of its file as id, and the folder of its domain', () => {
  const places = new Map(rules.map(({ id, domain }) => [id as string, `${domain}/${id}.ts`]))
  expect(named.map(({ file }) => file).sort()).toEqual(named.map(({ id }) => places.get(id) ?? id).sort())
})

it('every rule is in the index, once', () => {
  expect(rules.map(({ id }) => id).sort()).toEqual(named.map(({ id }) => id).sort())
})

it('every rule has a test that knows it', () => {
  const tests = readdirSync('test/rules', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.test.ts'),
  )
  const text = tests.map((name) => readFileSync(`test/rules/${name}`, 'utf8')).join('\n')
  expect(named.filter(({ constant }) => !new RegExp(`\\b${constant}\\b`).test(text)).map(({ id }) => id)).toEqual([])
})

it('every rule says what it is, what proves it and what to do', () => {
  const poor = rules.filter(
    ({ domain, explain }) =>
      domain !== 'generic' &&
      (explain.mechanism.length < 80 ||
        explain.proof.length === 0 ||
        explain.lookAlikes.length === 0 ||
        explain.mitigate.length === 0 ||
        explain.fix.length === 0),
  )
  expect(poor.map(({ id }) => id)).toEqual([])
})
