import type { LedgerLine } from '../bundle/format.ts'
import type { Collector } from '../collector.ts'
import type { KubeClient } from '../sources/kube/client.ts'
import type { Discovery } from '../sources/kube/discovery.ts'
import { type AccessQuestion, type Review, reviewAccess, reviewRules, reviewSelf } from '../sources/kube/reviews.ts'
import { accessQuestions } from './access.ts'

/** Who the API server says we are; null where it does not tell (before 1.28 there was no SelfSubjectReview, KEP-3325). */
export interface Identity {
  readonly username: string | null
  readonly groups: readonly string[]
}

/** The identity before anyone asked. */
export const UNKNOWN_IDENTITY: Identity = { username: null, groups: [] }

/** What was asked of the authorizer and answered, for `run/identity.json`, and what it means. */
export interface Reviewed {
  readonly identity: Identity
  readonly reviews: readonly Review[]
  /** By the JSON of the question. */
  readonly allowed: ReadonlyMap<string, boolean>
  /** Whether the authorizer answered, for the ledger. */
  readonly outcome: Pick<LedgerLine, 'status' | 'reason'>
}

/** Asks who we are, whether we may read each thing that the collectors declare, and what else is wanted to know. */
export async function captureIdentity(
  kube: KubeClient,
  collectors: readonly Collector[],
  discovery: Discovery,
  namespaces: readonly string[] | undefined,
  signal: AbortSignal,
  beside: readonly AccessQuestion[] = [],
): Promise<Reviewed> {
  const declared = accessQuestions(collectors, discovery.resources, namespaces)
  const questions = [...new Map([...declared, ...beside].map((one) => [JSON.stringify(one), one])).values()]
  const [self, rules, answers] = await Promise.all([
    reviewSelf(kube, signal),
    Promise.all((namespaces ?? ['default']).map((namespace) => reviewRules(kube, namespace, signal))),
    Promise.all(questions.map((question) => reviewAccess(kube, question, signal))),
  ])
  const pairs = answers.flatMap((review, index): [string, boolean][] => {
    const allowed = (review.answer as { status?: { allowed?: boolean } } | undefined)?.status?.allowed
    return allowed === undefined ? [] : [[JSON.stringify(questions[index]), allowed]]
  })
  return {
    identity: describeSelf(self),
    reviews: [self, ...rules, ...answers],
    allowed: new Map(pairs),
    outcome: describeOutcome([...rules, ...answers]),
  }
}

/**
 * SelfSubjectReview does not count: older servers have none. Nor does what a replay cannot answer (404), because whoever captured did not ask
 * it: nobody is there who could be asked.
 */
function describeOutcome(reviews: readonly Review[]): Reviewed['outcome'] {
  const unanswered = reviews.filter((review) => review.error !== undefined && review.status !== 404)
  const [first] = unanswered
  if (!first) return { status: 'complete' }
  return {
    status: unanswered.length === reviews.length ? 'failed' : 'partial',
    reason: `${unanswered.length} of ${reviews.length} access reviews were not answered: ${first.error}`,
  }
}

/** What the reviews say of a question; `unknown` where it was not asked or not answered. */
export function isAllowed({ allowed }: Reviewed, question: AccessQuestion): 'allowed' | 'denied' | 'unknown' {
  const answer = allowed.get(JSON.stringify(question))
  if (answer === undefined) return 'unknown'
  return answer ? 'allowed' : 'denied'
}

function describeSelf(review: Review): Identity {
  const user = (review.answer as { status?: { userInfo?: { username?: string; groups?: string[] } } } | undefined)
    ?.status?.userInfo
  return { username: user?.username ?? null, groups: user?.groups ?? [] }
}
