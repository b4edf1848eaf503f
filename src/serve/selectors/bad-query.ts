import { Refusal } from '../refusal.ts'
import { describeProblems, type FieldProblem } from './field-problem.ts'

/** What cannot be understood. */
export function badRequest(message: string): Refusal {
  return new Refusal(400, 'BadRequest', message)
}

/** What can be understood and makes no sense (apimachinery, errors.NewInvalid). */
export function invalid(group: string, kind: string, name: string, problems: readonly FieldProblem[]): Refusal {
  const qualified = group === '' ? kind : `${kind}.${group}`
  const causes = problems.map(({ field, reason, body }) => ({ reason, message: body, field }))
  const message = `${qualified} "${name}" is invalid: ${describeProblems(problems)}`
  return new Refusal(422, 'Invalid', message, { ...(name && { name }), ...(group && { group }), kind, causes })
}

/** What the server has no status for and answers as its own failure: its reason is empty. */
export function unforeseen(problem: FieldProblem): Refusal {
  return new Refusal(500, '', describeProblems([problem]))
}
