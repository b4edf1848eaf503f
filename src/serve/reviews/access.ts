import { Refusal } from '../refusal.ts'
import type { Review, Reviews } from '../reviews.ts'
import { at, record, text } from '../table/access.ts'
import { type Access, describeAccess, holds, isSame, readAccess } from './question.ts'
import { judgeByRules } from './rules.ts'
import { reviewStatus } from './status.ts'

/**
 * Whether the identity may do something: `kubectl auth can-i`. The authorizer's answer to this very question counts first, then its yes to
 * a wider one, then the rules of the namespace. A no to a wider question proves nothing.
 */
export function answerAccess(spec: unknown, { access, rules }: Reviews): object {
  const asked = readAccess(spec)
  if (!asked) throw notOneQuestion(spec)
  const answers = access.flatMap(readAnswer)
  const found =
    answers.find((one) => isSame(one.access, asked)) ?? answers.find((one) => one.allowed && holds(one.access, asked))
  if (found) return { metadata: {}, spec, status: found.status }
  const allowed = asked.kind === 'resource' ? judgeByRules(rules, asked) : undefined
  if (allowed === undefined) throw notCaptured(asked, answers, access)
  return { metadata: {}, spec, status: { allowed, reason: 'by the captured SelfSubjectRulesReview of this namespace' } }
}

/** A question and what the authorizer said. */
interface Answer {
  readonly access: Access
  readonly allowed: boolean
  readonly status: object
}

function readAnswer({ question, answer }: Review): Answer[] {
  const access = readAccess(record(question, 'spec'))
  const status = reviewStatus(answer)
  const allowed = at(status, 'allowed')
  return access && status && typeof allowed === 'boolean' ? [{ access, allowed, status }] : []
}

/** In the API server's words, the missing kind too (kubernetes, ValidateSelfSubjectAccessReview). */
function notOneQuestion(spec: unknown): Refusal {
  const path = at(spec, 'nonResourceAttributes')
  const fault =
    path === undefined
      ? 'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified'
      : `spec.nonResourceAttributes: Invalid value: ${JSON.stringify({ Path: text(path, 'path'), Verb: text(path, 'verb') })}: cannot be specified in combination with resourceAttributes`
  return new Refusal(422, 'Invalid', `.authorization.k8s.io "" is invalid: ${fault}`)
}

/** So many of the neighbouring questions are told. */
const MOST_NEIGHBOURS = 5

function notCaptured(asked: Access, answers: readonly Answer[], reviews: readonly Review[]): Refusal {
  const words = `not captured: whether this identity may ${describeAccess(asked)}`
  const failed = reviews.find(({ question, error }) => error !== undefined && isAsked(question, asked))
  if (failed) return new Refusal(404, 'NotFound', `${words}: the API server answered: ${failed.error}`)
  return new Refusal(404, 'NotFound', `${words}: ${describeCaptured(asked, answers)}`)
}

function isAsked(question: unknown, asked: Access): boolean {
  const access = readAccess(record(question, 'spec'))
  return access !== undefined && isSame(access, asked)
}

function describeCaptured(asked: Access, answers: readonly Answer[]): string {
  const near = answers.filter(({ access }) => isNear(access, asked))
  const told = near
    .slice(0, MOST_NEIGHBOURS)
    .map(({ access, allowed }) => `${describeAccess(access)}: ${allowed ? 'yes' : 'no'}`)
  return told.length > 0 ? `captured is ${told.join(', ')}` : `captured are ${answers.length} other questions`
}

function isNear(one: Access, other: Access): boolean {
  return (
    one.kind === 'resource' && other.kind === 'resource' && one.resource === other.resource && one.group === other.group
  )
}
