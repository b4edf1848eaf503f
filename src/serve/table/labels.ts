import { at, list, record, text, texts } from './access.ts'

/** Labels as `a=b,c=d`, sorted; `<none>` without any. */
export function formatLabels(labels: unknown): string {
  return joinLabels(labels) || '<none>'
}

/** A metav1.LabelSelector in the words of a selector; `<none>` for one that is empty. */
export function formatSelector(selector: unknown): string {
  const requirements = describeSelector(selector)
  return requirements === undefined ? '<error>' : requirements || '<none>'
}

/** A metav1.LabelSelector in the words of a selector, or undefined if it is not a valid one. */
export function describeSelector(selector: unknown): string | undefined {
  const equal = Object.entries(record(selector, 'matchLabels')).map(([key, value]) => [key, `${key}=${String(value)}`])
  const others = list(selector, 'matchExpressions').map((one) => [text(one, 'key'), describeExpression(one)])
  const requirements = [...equal, ...others].sort(([left = ''], [right = '']) => compareText(left, right))
  const words = requirements.map(([, words]) => words)
  return words.includes(undefined) ? undefined : words.join(',')
}

/** Orders strings as Go does, whatever the locale. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}

function joinLabels(labels: unknown): string {
  const words = Object.entries(record(labels)).map(([key, value]) => `${key}=${String(value)}`)
  return words.sort(compareText).join(',')
}

function describeExpression(expression: unknown): string | undefined {
  const key = text(expression, 'key')
  const values = texts(expression, 'values')
  switch (at(expression, 'operator')) {
    case 'In':
      return values.length > 0 ? `${key} in (${values.toSorted(compareText).join(',')})` : undefined
    case 'NotIn':
      return values.length > 0 ? `${key} notin (${values.toSorted(compareText).join(',')})` : undefined
    case 'Exists':
      return values.length === 0 ? key : undefined
    case 'DoesNotExist':
      return values.length === 0 ? `!${key}` : undefined
    default:
      return undefined
  }
}
