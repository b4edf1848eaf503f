import { Refusal } from '../refusal.ts'
import type { Review, Reviews } from '../reviews.ts'
import { at, list, record, text } from '../table/access.ts'
import type { ResourceAccess } from './question.ts'
import { reviewStatus } from './status.ts'

/** What the identity may do in a namespace, as its rules say: `kubectl auth can-i --list`. */
export function answerRules(spec: unknown, { rules }: Reviews): object {
  const namespace = text(spec, 'namespace')
  if (namespace === '') throw new Refusal(400, 'BadRequest', 'no namespace on request')
  const review = rulesOf(rules, namespace)
  if (review && reviewStatus(review.answer)) return { metadata: {}, spec: {}, status: reviewStatus(review.answer) }
  const others = rules.filter(({ answer }) => reviewStatus(answer)).map(({ question }) => namespaceOf(question))
  const why = review?.error === undefined ? describeOthers(others) : `the API server answered: ${review.error}`
  throw new Refusal(
    404,
    'NotFound',
    `not captured: the rules of this identity in namespace ${JSON.stringify(namespace)}: ${why}`,
  )
}

/**
 * Whether the rules of a namespace allow something in it; undefined where they prove neither. An incomplete list proves nothing: another
 * authorizer, before or after, may say otherwise. A list in whose making something failed proves what it holds, not what it lacks.
 */
export function judgeByRules(rules: readonly Review[], access: ResourceAccess): boolean | undefined {
  const status = reviewStatus(rulesOf(rules, access.namespace)?.answer)
  if (access.namespace === '' || at(status, 'incomplete') !== false) return undefined
  if (list(status, 'resourceRules').some((rule) => allows(rule, access))) return true
  return text(status, 'evaluationError') === '' ? false : undefined
}

/** The answer does not repeat the namespace; only the question has it. */
function rulesOf(rules: readonly Review[], namespace: string): Review | undefined {
  return rules.find(({ question }) => namespaceOf(question) === namespace)
}

function namespaceOf(question: unknown): string {
  return text(record(question, 'spec'), 'namespace')
}

/** As RBAC matches (kubernetes, pkg/apis/rbac/v1/evaluation_helpers.go). */
function allows(rule: unknown, { verb, group, resource, subresource, name }: ResourceAccess): boolean {
  const resources = subresource === '' ? [resource] : [`${resource}/${subresource}`, `*/${subresource}`]
  const names = list(rule, 'resourceNames')
  return (
    holds(list(rule, 'verbs'), [verb]) &&
    holds(list(rule, 'apiGroups'), [group]) &&
    holds(list(rule, 'resources'), resources) &&
    (names.length === 0 || (name !== '' && names.includes(name)))
  )
}

function holds(rule: readonly unknown[], wanted: readonly string[]): boolean {
  return rule.includes('*') || wanted.some((one) => rule.includes(one))
}

function describeOthers(namespaces: readonly string[]): string {
  if (namespaces.length === 0) return 'no rules were captured'
  return `captured are those in ${namespaces.map((name) => JSON.stringify(name)).join(', ')}`
}
