import { type Json, listAt, recordAt, stringsAt, textAt } from './kubernetes.ts'

/** Whether a `LabelSelector` (matchLabels, matchExpressions) selects labels; an empty selector selects everything. */
export function matchesSelector(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  const wanted = stringsAt(selector, 'matchLabels')
  return (
    matchesLabels(wanted, labels) &&
    listAt(selector, 'matchExpressions').every((expression) => matchesExpression(recordAt(expression), labels))
  )
}

/** Whether labels hold each of the wanted ones: what the selector of a Service and a nodeSelector mean. */
export function matchesLabels(
  wanted: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value)
}

/** One expression of a label selector or of a node selector term (`Gt` and `Lt` are of the latter). */
export function matchesExpression(expression: Json, labels: Readonly<Record<string, string>>): boolean {
  const key = textAt(expression, 'key')
  const value = labels[key]
  const values = listAt(expression, 'values')
  switch (textAt(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0])
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0])
    default:
      return false
  }
}
