import { badRequest } from './bad-query.ts'
import { describeProblems, type FieldProblem, invalidValue } from './field-problem.ts'
import { readInt64 } from './integer.ts'
import { describeBadKey, describeBadValue } from './names.ts'

/** Whether an object with these labels is selected. */
export type LabelMatch = (labels: Readonly<Record<string, string>>) => boolean

/** What stands between a key and its values. */
export const OPERATORS = ['in', 'notin', '=', '==', '!=', '>', '<'] as const
export type Operator = (typeof OPERATORS)[number]

/** What a label selector asks of one key; without an operator, that it is there or that it is not. */
export interface Requirement {
  readonly key: string
  readonly operator: Operator | 'exists' | 'absent'
  readonly values: ReadonlySet<string>
}

/** Throws Refusal if a text cannot be a label's key. */
export function checkKey(key: string): void {
  const problems = describeBadKey(key)
  if (problems.length > 0) throw unparsable(describeProblems([invalidValue('<nil>', key, problems.join('; '))]))
}

/** Throws Refusal if a value cannot be one of a label, or cannot be compared; the values are counted as the server sorts them. */
export function checkValues(key: string, operator: Operator, values: ReadonlySet<string>): void {
  const sorted = [...values].sort()
  const problems = [...(isComparison(operator) ? sorted.flatMap(describeNumber) : []), ...sorted.flatMap(describeValue)]
  if (problems.length > 0) throw unparsable(describeProblems(problems))

  function describeNumber(value: string, index: number): readonly FieldProblem[] {
    if (readInt64(value) !== undefined) return []
    return [invalidValue(`values[${index}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer")]
  }

  function describeValue(value: string, index: number): readonly FieldProblem[] {
    const problems = describeBadValue(value)
    return problems.length === 0 ? [] : [invalidValue(`values[${index}][${key}]`, value, problems.join('; '))]
  }
}

/** An error inside of a requirement. */
export function unparsable(problem: string): Error {
  return badRequest(`unable to parse requirement: ${problem}`)
}

/** Makes a requirement a function, so that nothing is decided again for each object. */
export function compileRequirement({ key, operator, values }: Requirement): LabelMatch {
  if (operator === 'exists') return (labels) => Object.hasOwn(labels, key)
  if (operator === 'absent') return (labels) => !Object.hasOwn(labels, key)
  if (isComparison(operator)) return compileComparison(key, operator, [...values].join())
  const isNegative = operator === 'notin' || operator === '!='
  return (labels) => (Object.hasOwn(labels, key) && values.has(labels[key] ?? '')) !== isNegative
}

function isComparison(operator: Operator): operator is '>' | '<' {
  return operator === '>' || operator === '<'
}

/** A label that is absent or no integer is on neither side. */
function compileComparison(key: string, operator: '>' | '<', limit: string): LabelMatch {
  const bound = readInt64(limit) ?? 0n
  return (labels) => {
    const value = Object.hasOwn(labels, key) ? readInt64(labels[key] ?? '') : undefined
    if (value === undefined) return false
    return operator === '>' ? value > bound : value < bound
  }
}
