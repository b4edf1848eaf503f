import { describe, expect, it } from 'vitest'
import { checkCitations } from '../../src/rca/check-citations.ts'
import { bundleOf } from '../incident/scene.ts'
import { pod } from '../incident/things.ts'

const bundle = bundleOf({ objects: [pod('shop/web-1')], logs: { 'shop/web-1/app': 'first\nsecond words\nlast' } })
const file = 'cluster/core/v1/pods/_all/0001.json'
const log = 'logs/shop/web-1/uid-web-1/app.log'

describe('a citation', () => {
  it('holds where the words stand in the field or the line', async () => {
    const citations = [
      { file, pointer: '/items/0/metadata/name', words: 'web-1' },
      { file, pointer: '/items/0/status/conditions/1/status', words: 'True' },
      { file: log, line: 2, words: 'words' },
      { file: log, line: 3, words: 'last' },
    ]
    expect(await checkCitations(bundle, citations)).toEqual([])
  })

  it.each([
    ['of a file that is not there', { file: 'cluster/none.json', pointer: '', words: '' }, 'no file'],
    ['of a field that is not there', { file, pointer: '/items/7/metadata', words: 'x' }, 'nothing at'],
    ['of other words', { file, pointer: '/items/0/metadata/name', words: 'web-2' }, 'the words are not'],
    ['of a line behind the end', { file: log, line: 4, words: '' }, 'no line 4'],
    ['of the words of another line', { file: log, line: 1, words: 'second' }, 'not in line 1'],
    ['of what every object inherits', { file, pointer: '/items/0/constructor', words: '' }, 'nothing at'],
  ])('%s does not', async (_, citation, why) => {
    const [broken] = await checkCitations(bundle, [citation])
    expect(broken?.why).toContain(why)
  })
})
