import type { KubeObject } from './access.ts'
import type { Column, Heading, TableColumn } from './column.ts'
import descriptions from './descriptions.json' with { type: 'json' }

/** How a resource is printed: its columns, and the cells of one object. */
export interface Table {
  readonly columns: readonly TableColumn[]
  /** One cell for each column, and for ipaddresses one more, as the server does. */
  cells(object: KubeObject, now: Date): readonly unknown[]
  /** The order of the rows of a list where the server has one of its own. */
  compare?(left: KubeObject, right: KubeObject): number
}

/** Tables by `resource.group`, or `resource` alone for the core group. */
export type Tables = Readonly<Record<string, Table>>

/** Makes tables from columns, and adds the descriptions that the API server sends with them. */
export function tables(columns: Readonly<Record<string, readonly Column[]>>): Tables {
  const entries = Object.entries(columns).map(([resource, own]) => [resource, table(own, wordsOf(resource))] as const)
  return Object.fromEntries(entries)
}

/** Makes one table; `words` describe its columns by name. */
export function table(columns: readonly Column[], words: Words): Table {
  return {
    columns: columns.flatMap(({ heading }) => (heading ? [describe(heading, words[heading.name] ?? '')] : [])),
    cells: (object, now) => columns.map(({ cell }) => cell(object, now)),
  }
}

/** With its fields in the order in which the API server writes them. */
function describe(heading: Heading, description: string): TableColumn {
  return { name: heading.name, type: heading.type, format: heading.format, description, priority: heading.priority }
}

type Words = Readonly<Record<string, string>>

/** Descriptions of a resource's columns by name, over those that columns of many resources share. */
export function wordsOf(resource: string): Words {
  const all: Readonly<Record<string, Words>> = descriptions
  return { ...all['*'], ...all[resource] }
}
