import { type KubeObject, text } from './access.ts'
import { age } from './age.ts'

/** metav1.TableColumnDefinition. */
export interface TableColumn {
  readonly name: string
  readonly type: string
  readonly format: string
  readonly description: string
  readonly priority: number
}

/** A column and how its cell is made; what it says about itself is in descriptions.json. */
export interface Column {
  /** Undefined for a cell that the server sends without naming it. */
  readonly heading?: Heading
  readonly cell: Cell
}

/** A column as its table names it. */
export type Heading = Omit<TableColumn, 'description'>

/** Makes the cell of one object; `now` is the moment that ages are counted to. */
export type Cell = (object: KubeObject, now: Date) => unknown

type Type = 'string' | 'integer' | 'boolean' | 'date'

/** A column that is always shown. */
export function column(name: string, type: Type, cell: Cell, format = ''): Column {
  return { heading: { name, type, format, priority: 0 }, cell }
}

/** A column that is shown with `-o wide`. */
export function wide(name: string, type: Type, cell: Cell, format = ''): Column {
  return { heading: { name, type, format, priority: 1 }, cell }
}

/** The name, first in nearly every table. */
export const NAME: Column = column('Name', 'string', nameOf, 'name')

/** The time since the object was created. */
export const AGE: Column = column('Age', 'string', ageOf)

/** The name of an object. */
export function nameOf(object: KubeObject): string {
  return text(object, 'metadata', 'name')
}

/** The age of an object. */
export function ageOf(object: KubeObject, now: Date): string {
  return age(text(object, 'metadata', 'creationTimestamp'), now)
}
