import { type KubeObject, number, text } from './access.ts'
import { age, isTimestamp } from './age.ts'
import { NAME, type TableColumn } from './column.ts'
import { goText } from './go-text.ts'
import { evaluateJsonPath } from './json-path.ts'
import { type Path, parseJsonPath } from './json-path-syntax.ts'
import { type Table, table, wordsOf } from './table.ts'

/** One of the additionalPrinterColumns of a CRD's version (apiextensions.k8s.io/v1 CustomResourceColumnDefinition). */
export interface AdditionalPrinterColumn {
  readonly name: string
  readonly type: string
  readonly jsonPath: string
  readonly format?: string
  readonly description?: string
  readonly priority?: number
}

const AGE: AdditionalPrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: wordsOf('*').Age ?? '',
}

/** The table of a custom resource: its name and its own columns, or its age if it has none. */
export function customTable(columns: readonly AdditionalPrinterColumn[]): Table {
  const own = takeReadable(columns.length > 0 ? columns : [AGE])
  return {
    columns: [...named.columns, ...own.map(({ column }) => headingOf(column))],
    cells: (object, now) => [...named.cells(object, now), ...own.map((one) => cellOf(object, one, now))],
  }
}

const named = table([NAME], wordsOf('*'))

interface Readable {
  readonly column: AdditionalPrinterColumn
  readonly path: Path
}

/** The columns up to the first whose path cannot be read: the API server stops there too. */
function takeReadable(columns: readonly AdditionalPrinterColumn[]): readonly Readable[] {
  const readable: Readable[] = []
  for (const column of columns) {
    const path = parseJsonPath(text(column, 'jsonPath'))
    if (!path) break
    readable.push({ column, path })
  }
  return readable
}

function headingOf(column: AdditionalPrinterColumn): TableColumn {
  const path = text(column, 'jsonPath')
  return {
    name: text(column, 'name'),
    type: text(column, 'type'),
    format: text(column, 'format'),
    description: text(column, 'description') || `Custom resource definition column (in JSONPath format): ${path}`,
    priority: number(column, 'priority'),
  }
}

/** A value of another type than the column's is shown as none. */
function cellOf(object: KubeObject, { column, path }: Readable, now: Date): unknown {
  const found = evaluateJsonPath(path, object)
  if (!found || found.length === 0) return null
  const [value] = found
  switch (text(column, 'type')) {
    case 'string':
      return goText(value) ?? null
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      return typeof value === 'string' ? describeDate(value, now) : null
    default:
      return null
  }
}

/** An empty date, and one that says null, are unknown and not invalid (apimachinery, meta/v1 Time.UnmarshalQueryParameter). */
function describeDate(date: string, now: Date): string {
  return date === '' || date === 'null' || isTimestamp(date) ? age(date, now) : '<invalid>'
}
