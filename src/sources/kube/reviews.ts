import { type KubeClient, KubeError } from './client.ts'

/** One question to the authorizer: may this identity do this? */
export type AccessQuestion =
  | {
      readonly verb: string
      readonly group: string
      readonly resource: string
      readonly subresource?: string
      readonly namespace?: string
    }
  | { readonly verb: 'get'; readonly path: string }

/** A review as asked and answered; `error` where the server did not answer. */
export interface Review {
  readonly path: string
  readonly question: unknown
  readonly answer?: unknown
  readonly error?: string
  /** HTTP status of an answer that was no review; 0 where none came. */
  readonly status?: number
}

/** Who we are: SelfSubjectReview, GA in 1.28 (KEP-3325); older servers answer 404. */
export function reviewSelf(kube: KubeClient, signal: AbortSignal): Promise<Review> {
  return review(
    kube,
    '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    'authentication.k8s.io/v1',
    'SelfSubjectReview',
    {},
    signal,
  )
}

/** What the rules say for a namespace; incomplete where a webhook authorizes (EKS access entries), so it is evidence, not the answer. */
export function reviewRules(kube: KubeClient, namespace: string, signal: AbortSignal): Promise<Review> {
  const spec = { spec: { namespace } }
  return review(
    kube,
    '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    'authorization.k8s.io/v1',
    'SelfSubjectRulesReview',
    spec,
    signal,
  )
}

/** The authorizer's own answer to one question; counts every authorizer in the chain. */
export function reviewAccess(kube: KubeClient, question: AccessQuestion, signal: AbortSignal): Promise<Review> {
  const spec =
    'path' in question
      ? { nonResourceAttributes: { verb: question.verb, path: question.path } }
      : { resourceAttributes: question }
  return review(
    kube,
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    'authorization.k8s.io/v1',
    'SelfSubjectAccessReview',
    { spec },
    signal,
  )
}

async function review(
  kube: KubeClient,
  path: string,
  apiVersion: string,
  kind: string,
  fields: object,
  signal: AbortSignal,
): Promise<Review> {
  const question = { apiVersion, kind, ...fields }
  try {
    const response = await kube.post(path, question, { signal, verb: 'create' })
    return { path, question, answer: JSON.parse(response.body.toString('utf8')) }
  } catch (error) {
    if (!(error instanceof KubeError)) throw error
    return { path, question, error: error.message, status: error.status }
  }
}
