import { describe, expect, it } from 'vitest'
import descriptions from '../../../src/serve/table/descriptions.json' with { type: 'json' }
import { builtInTable } from '../../../src/serve/table/index.ts'
import { listManifests } from './objects.ts'
import { NOW, print, tableOf } from './print.ts'

const resources = Object.keys(descriptions).filter((name) => name !== '*')

/** Columns of which the API server itself says nothing (it looks the words up where there are none). */
const SILENT = ['Handler', 'BinaryVersion', 'EmulationVersion', 'cpu', 'memory', 'Window']

describe('the built-in tables', () => {
  it('are there for every described resource, and every column is described', () => {
    for (const name of resources) {
      const { columns } = tableOf(name)
      const silent = columns.filter((column) => column.description === '' && !SILENT.includes(column.name))
      expect(silent.map((column) => `${name} ${column.name}`)).toEqual([])
    }
    expect(resources.length).toBeGreaterThan(50)
  })

  it('are not there for what nobody knows, however it is named', () => {
    for (const resource of ['widgets', 'constructor', '__proto__', '']) {
      expect(builtInTable({ group: '', version: 'v1', resource })).toBeUndefined()
    }
  })

  it('are undisturbed by objects of any shape', () => {
    const values = [null, 7, 'x', [], [null], {}, true]
    for (const name of resources) {
      expect(() => print(name, {})).not.toThrow()
      for (const value of values) {
        const fields = ['metadata', 'spec', 'status', 'data', 'series', 'involvedObject', 'conditions', 'subsets']
        expect(() => print(name, Object.fromEntries(fields.map((field) => [field, value])))).not.toThrow()
      }
    }
  })

  it('print a cell for each column, which JSON can hold', () => {
    for (const name of resources) {
      const { columns } = tableOf(name)
      const cells = tableOf(name).cells({ metadata: { name: 'x' } }, NOW)
      expect(cells.length).toBeGreaterThanOrEqual(columns.length)
      expect(cells.every((cell) => ['string', 'number', 'boolean'].includes(typeof cell))).toBe(true)
    }
  })
})

describe('objects with a field of the wrong type', () => {
  it('print all the same', () => {
    const broken = listManifests().flatMap((object) => [...breakEach(object)])
    const tables = resources.map(tableOf)
    for (const object of broken) for (const table of tables) table.cells(object, NOW)
    expect(broken.length).toBeGreaterThan(1000)
  })
})

/** The object with each of its fields, however deep, replaced by something else. */
function* breakEach(value: object): Generator<Record<string, unknown>> {
  for (const [key, field] of Object.entries(value)) {
    for (const other of [null, 7]) yield { ...value, [key]: other }
    if (typeof field !== 'object' || field === null) continue
    for (const broken of breakEach(field))
      yield { ...value, [key]: Array.isArray(field) ? Object.values(broken) : broken }
  }
}
