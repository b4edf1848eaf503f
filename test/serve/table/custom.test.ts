import { describe, expect, it } from 'vitest'
import { type AdditionalPrinterColumn, customTable, defaultTable } from '../../../src/serve/table/index.ts'
import { ago, NOW } from './print.ts'

const object = {
  metadata: { name: 'one', creationTimestamp: ago(60), annotations: { 'example.com/note': 'noted' } },
  spec: { list: ['a', 'b', 'c'], count: 1.9, on: true, empty: null, map: { b: '<', a: 1 } },
  status: {
    conditions: [
      { type: 'Synced', status: 'False' },
      { type: 'Ready', status: 'True' },
    ],
  },
}

function cell(jsonPath: string, type = 'string', of: object = object): unknown {
  return customTable([{ name: 'X', type, jsonPath }]).cells({ ...of }, NOW)[1]
}

describe('a custom resource', () => {
  it('shows its name and its own columns', () => {
    const column: AdditionalPrinterColumn = { name: 'Note', type: 'string', jsonPath: '.spec.note', priority: 1 }
    const { columns } = customTable([column])
    expect(columns.map((one) => [one.name, one.format, one.priority])).toEqual([
      ['Name', 'name', 0],
      ['Note', '', 1],
    ])
    expect(columns[1]?.description).toBe('Custom resource definition column (in JSONPath format): .spec.note')
  })

  it('shows its age if it has no columns', () => {
    const table = customTable([])
    expect(table.columns.map((column) => column.name)).toEqual(['Name', 'Age'])
    expect(table.cells(object, NOW)).toEqual(['one', '60s'])
  })

  it('loses the columns from the first whose path nobody can read', () => {
    const paths = ['.spec.on', '.spec[broken', '.spec.count']
    const { columns } = customTable(paths.map((jsonPath) => ({ name: jsonPath, type: 'string', jsonPath })))
    expect(columns.map((column) => column.name)).toEqual(['Name', '.spec.on'])
  })

  it.each([
    ['.spec.list[0]', 'a'],
    ['.spec.list[-1]', 'c'],
    ['.spec.list[1:]', 'b'],
    ['.spec.list[7]', null],
    ['.spec.list', '["a","b","c"]'],
    ['.spec.map', '{"a":1,"b":"\\u003c"}'],
    ['.spec.absent.deeper', null],
    ['.spec.empty', '<no value>'],
    [".metadata.annotations['example\\.com/note']", 'noted'],
    ['.metadata.annotations.example\\.com/note', 'noted'],
    ['.status.conditions[?(@.type=="Ready")].status', 'True'],
    [".status.conditions[?(@.type!='Ready')].type", 'Synced'],
    ['.status.conditions..status', 'False'],
    ['.spec.constructor', null],
  ])('reads %s', (path, expected) => {
    expect(cell(path)).toBe(expected)
  })

  it('shows values in the type of the column, or not at all', () => {
    expect(cell('.spec.count', 'integer')).toBe(1)
    expect(cell('.spec.count', 'number')).toBe(1.9)
    expect(cell('.spec.on', 'boolean')).toBe(true)
    expect(cell('.spec.on', 'integer')).toBeNull()
    expect(cell('.metadata.creationTimestamp', 'date')).toBe('60s')
    expect(cell('.metadata.name', 'date')).toBe('<invalid>')
    expect(cell('.metadata.name', 'weather')).toBeNull()
  })
})

describe('a stranger', () => {
  it('cannot ask for exponentially many values', () => {
    const doubled = `.a${"['a','a']".repeat(200)}`
    let nested: object = {}
    for (let depth = 0; depth < 300; depth++) nested = { a: nested }
    expect(cell(doubled, 'string', nested)).toBeNull()
    expect(cell(`.${'..a'.repeat(50)}`, 'string', nested)).not.toBe('')
    expect(cell('.a[?(@..a)]'.repeat(300), 'string', nested)).not.toBe('')
  })

  it('cannot exhaust the stack by depth', () => {
    const deep = JSON.parse(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`) as object
    expect(cell('.a', 'string', deep)).toBeNull()
    expect(cell('..b', 'string', deep)).not.toBe('')
    expect(customTable([{ name: 'X', type: 'string', jsonPath: `.${'[?('.repeat(1000)}` }]).columns).toHaveLength(1)
  })

  it('cannot break a table with columns of other types', () => {
    const columns = [{ name: 7, type: {}, jsonPath: null }, null] as unknown as AdditionalPrinterColumn[]
    expect(() => customTable(columns).cells(object, NOW)).not.toThrow()
  })
})

describe('a kind without columns of its own', () => {
  it('shows its name and when it was created', () => {
    expect(defaultTable.columns.map((column) => column.name)).toEqual(['Name', 'Created At'])
    expect(defaultTable.cells(object, NOW)).toEqual(['one', ago(60)])
  })
})
