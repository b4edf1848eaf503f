import { Refusal } from './refusal.ts'
import { answerAccess } from './reviews/access.ts'
import { answerRules } from './reviews/rules.ts'
import { reviewStatus } from './reviews/status.ts'
import { record, text } from './table/access.ts'

/** A review of `run/identity.json`, as asked and answered; `error` where the server did not answer. */
export interface Review {
  readonly path: string
  readonly question: unknown
  readonly answer?: unknown
  readonly error?: string
}

/**
 * Answers a POST to a path of self-subject reviews from what the identity of the capture was told then: who it is, what its rules are,
 * whether it may do something. A yes is given only where the authorizer said so, of this question or of one that holds it; what was not
 * asked is refused as not captured.
 */
export function answerReview(
  reviews: readonly Review[],
  path: string,
  body: unknown,
): { status: number; body: unknown } {
  const { group, version, resource } = readPath(path)
  const kind = KINDS[resource]
  checkKind(body, version, kind)
  const answer = ANSWERS[resource](record(body, 'spec'), {
    self: ofResource(reviews, 'selfsubjectreviews'),
    rules: ofResource(reviews, 'selfsubjectrulesreviews'),
    access: ofResource(reviews, 'selfsubjectaccessreviews'),
  })
  return { status: 201, body: { kind, apiVersion: `${group}/${version}`, ...answer } }
}

/** The reviews of a bundle, by what was asked. */
export interface Reviews {
  readonly self: readonly Review[]
  readonly rules: readonly Review[]
  readonly access: readonly Review[]
}

type Resource = keyof typeof KINDS

const KINDS = {
  selfsubjectreviews: 'SelfSubjectReview',
  selfsubjectrulesreviews: 'SelfSubjectRulesReview',
  selfsubjectaccessreviews: 'SelfSubjectAccessReview',
} as const

const ANSWERS: Readonly<Record<Resource, (spec: unknown, captured: Reviews) => object>> = {
  selfsubjectreviews: (_, captured) => answerSelf(captured),
  selfsubjectrulesreviews: answerRules,
  selfsubjectaccessreviews: answerAccess,
}

/** Who we are: `kubectl auth whoami`. */
function answerSelf({ self }: Reviews): object {
  const review = self.find(({ answer }) => reviewStatus(answer) !== undefined)
  if (review) return { metadata: record(review.answer, 'metadata'), status: reviewStatus(review.answer) }
  const why = self[0]?.error === undefined ? 'nobody asked' : `the API server answered: ${self[0].error}`
  throw new Refusal(404, 'NotFound', `not captured: who this identity is: ${why}`)
}

const PATH = /^\/apis\/(authorization\.k8s\.io|authentication\.k8s\.io)\/(v1(?:(?:alpha|beta)1)?)\/([a-z]+)$/

/** All versions ask and answer alike. */
function readPath(path: string): { group: string; version: string; resource: Resource } {
  const [, group = '', version = '', resource = ''] = PATH.exec(path) ?? []
  if (isResource(resource)) return { group, version, resource }
  throw new Refusal(404, 'NotFound', 'the server could not find the requested resource')
}

function isResource(name: string): name is Resource {
  return Object.hasOwn(KINDS, name)
}

/** A body without a kind is taken for the one that belongs here. */
function checkKind(body: unknown, version: string, wanted: string): void {
  const kind = text(body, 'kind')
  if (kind === '' || kind === wanted) return
  const words = `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${wanted}`
  throw new Refusal(400, 'BadRequest', words)
}

function ofResource(reviews: readonly Review[], resource: Resource): Review[] {
  return reviews.filter((review) => text(review, 'path').endsWith(`/${resource}`))
}
