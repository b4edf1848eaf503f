import { builtInTable, type KubeObject, type Table } from '../../../src/serve/table/index.ts'

/** The moment at which these tests look at the cluster. */
export const NOW = new Date('2026-01-31T12:00:00Z')

/** A time so many seconds before NOW. */
export function ago(seconds: number): string {
  return new Date(NOW.getTime() - seconds * 1000).toISOString().replace('.000Z', 'Z')
}

/** The table of `pods`, `jobs.batch` … */
export function tableOf(name: string): Table {
  const [resource = '', ...group] = name.split('.')
  const table = builtInTable({ group: group.join('.'), version: 'v2', resource })
  if (!table) throw new Error(`${name} has no table`)
  return table
}

/** The cells of one object by the names of their columns. */
export function print(name: string, object: KubeObject): Record<string, unknown> {
  const table = tableOf(name)
  const cells = table.cells(object, NOW)
  return Object.fromEntries(table.columns.map((column, index) => [column.name, cells[index]]))
}
