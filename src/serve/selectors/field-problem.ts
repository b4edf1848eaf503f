import { quote } from './quote.ts'

/** What is wrong with one parameter or part of it, as apimachinery's `field.Error` words it. */
export interface FieldProblem {
  readonly field: string
  /** The cause's type in a Status. */
  readonly reason: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueNotSupported'
  readonly body: string
}

export function invalidValue(field: string, value: string | number | bigint, detail: string): FieldProblem {
  const shown = typeof value === 'string' ? quote(value) : value
  return { field, reason: 'FieldValueInvalid', body: `Invalid value: ${shown}: ${detail}` }
}

export function forbidden(field: string, detail: string): FieldProblem {
  return { field, reason: 'FieldValueForbidden', body: `Forbidden: ${detail}` }
}

export function unsupportedValue(field: string, value: string, supported: readonly string[]): FieldProblem {
  const list = supported.map(quote).join(', ')
  return {
    field,
    reason: 'FieldValueNotSupported',
    body: `Unsupported value: ${quote(value)}: supported values: ${list}`,
  }
}

/** One sentence for all of them, the same one never twice (apimachinery, ErrorList.ToAggregate). */
export function describeProblems(problems: readonly FieldProblem[]): string {
  const sentences = [...new Set(problems.map(({ field, body }) => `${field}: ${body}`))]
  return sentences.length === 1 ? sentences.join() : `[${sentences.join(', ')}]`
}
