import type { FieldTerm } from './fields.ts'
import type { SelectableField } from './selectable.ts'

/** Whether an object is selected, by its values as `readFields` gives them, its name and its namespace ('' where it has none). */
export type FieldMatch = (values: readonly string[], name: string, namespace: string) => boolean

/** The values that an index keeps of an object: one for each field except name and namespace, which it has anyway. */
export function readFields(fields: readonly SelectableField[], object: unknown): readonly string[] {
  return keptFields(fields).map((field) => field.read(object))
}

/** The fields that the values of an index stand for, in their order. */
export function keptFields(fields: readonly SelectableField[]): readonly SelectableField[] {
  return fields.filter(({ path }) => path !== 'metadata.name' && path !== 'metadata.namespace')
}

/** Makes terms, which `checkFieldTerms` let pass, one function that costs one comparison a term. */
export function compileFieldSelector(terms: readonly FieldTerm[], fields: readonly SelectableField[]): FieldMatch {
  const paths = keptFields(fields).map((field) => field.path)
  const matches = terms.map((term) => compileTerm(term, paths))
  return (values, name, namespace) => matches.every((match) => match(values, name, namespace))
}

function compileTerm({ path, operator, value }: FieldTerm, paths: readonly string[]): FieldMatch {
  const isWanted = operator === '='
  if (path === 'metadata.name') return (_, name) => (name === value) === isWanted
  if (path === 'metadata.namespace') return (_, __, namespace) => (namespace === value) === isWanted
  const index = paths.indexOf(path)
  return (values) => ((values[index] ?? '') === value) === isWanted
}
