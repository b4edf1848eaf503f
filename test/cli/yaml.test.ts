import { load } from 'js-yaml'
import { expect, it } from 'vitest'
import { toYaml } from '../../src/cli/yaml.ts'

it('writes strings that every reader takes for strings', () => {
  const strings = [
    '',
    'plain',
    'true',
    'No',
    'null',
    '1.5',
    '0x1f',
    '*',
    '- a',
    'a: b',
    'a #b',
    '"',
    "'",
    '/metrics',
    '/api/*',
    'pods/log',
    'é\n\t',
    '~',
    '2026-01-31',
    '!x',
    '&y',
  ]
  const content = { strings, one: 'y', nested: { list: strings.map((value) => ({ value })) } }
  expect(load(toYaml([{ comments: ['why: # not'], content }]))).toEqual(content)
})
