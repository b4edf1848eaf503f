import { describe, expect, it } from 'vitest'
import type { Refusal } from '../../src/serve/refusal.ts'
import { readProtobufReview } from '../../src/serve/reviews/protobuf.ts'
import { answerReview, type Review } from '../../src/serve/reviews.ts'

const ACCESS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
const RULES = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews'
const SELF = '/apis/authentication.k8s.io/v1/selfsubjectreviews'

function access(attributes: object, allowed?: boolean, status: object = {}): Review {
  const spec = 'path' in attributes ? { nonResourceAttributes: attributes } : { resourceAttributes: attributes }
  const question = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec }
  if (allowed === undefined) return { path: ACCESS, question, error: 'etcdserver: request timed out' }
  return { path: ACCESS, question, answer: { metadata: {}, spec, status: { allowed, ...status } } }
}

/** A rules review; the server does not repeat the namespace in its answer. */
function rules(namespace: string, resourceRules: readonly object[], status: object = {}): Review {
  const answer = { status: { resourceRules, nonResourceRules: [], incomplete: false, ...status } }
  return { path: RULES, question: { spec: { namespace } }, answer }
}

const SELF_REVIEW: Review = {
  path: SELF,
  question: {},
  answer: {
    kind: 'SelfSubjectReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { creationTimestamp: '2026-01-31T08:00:00Z' },
    status: { userInfo: { username: 'ops', groups: ['system:authenticated'] } },
  },
}

/** What `kubectl auth can-i` is told: yes, no, or the message of the refusal. */
function ask(reviews: readonly Review[], attributes: object, path = ACCESS): boolean | string {
  const spec = 'path' in attributes ? { nonResourceAttributes: attributes } : { resourceAttributes: attributes }
  try {
    const { status, body } = answerReview(reviews, path, { kind: 'SelfSubjectAccessReview', spec })
    expect(status).toBe(201)
    expect(body).toMatchObject({ spec, kind: 'SelfSubjectAccessReview' })
    return (body as { status: { allowed: boolean } }).status.allowed
  } catch (error) {
    expect(error).toMatchObject({ name: 'Refusal', code: 404, reason: 'NotFound' })
    return (error as Refusal).message
  }
}

const PODS = { verb: 'list', group: '', resource: 'pods' }

describe('whether the identity may do something', () => {
  it('is answered as the authorizer did, however the question is written', () => {
    const reviews = [access(PODS, true), access({ ...PODS, verb: 'delete', namespace: 'shop' }, false)]
    expect(ask(reviews, { verb: 'list', resource: 'pods', namespace: '', version: '*', name: '' })).toBe(true)
    expect(ask(reviews, { verb: 'delete', resource: 'pods', namespace: 'shop' })).toBe(false)
    expect(ask([access({ verb: 'get', path: '/metrics' }, true)], { path: '/metrics', verb: 'get' })).toBe(true)
  })

  it('is answered with all that the authorizer said, in the version that is asked', () => {
    const reviews = [access(PODS, false, { denied: true, reason: 'no' })]
    const path = ACCESS.replace('v1', 'v1beta1')
    expect(answerReview(reviews, path, { spec: { resourceAttributes: PODS } }).body).toEqual({
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1beta1',
      metadata: {},
      spec: { resourceAttributes: PODS },
      status: { allowed: false, denied: true, reason: 'no' },
    })
  })

  it('is yes where a wider question was', () => {
    const reviews = [access(PODS, true), access({ verb: '*', group: '*', resource: 'orders' }, true)]
    expect(ask(reviews, { ...PODS, namespace: 'shop' })).toBe(true)
    expect(ask(reviews, { ...PODS, namespace: 'shop', name: 'web-1' })).toBe(true)
    expect(ask(reviews, { ...PODS, labelSelector: { rawSelector: 'a=b' } })).toBe(true)
    expect(ask(reviews, { verb: 'delete', group: 'example.com', resource: 'orders', namespace: 'shop' })).toBe(true)
  })

  it('is not known from a no to a wider question, nor from a yes to a narrower or another one', () => {
    const unknown = /^not captured: whether this identity may /
    expect(ask([access(PODS, false)], { ...PODS, namespace: 'shop' })).toMatch(unknown)
    expect(ask([access({ ...PODS, namespace: 'shop' }, true)], PODS)).toMatch(unknown)
    expect(ask([access({ ...PODS, name: 'web-1' }, true)], PODS)).toMatch(unknown)
    expect(ask([access({ ...PODS, labelSelector: { rawSelector: 'a=b' } }, true)], PODS)).toMatch(unknown)
    expect(ask([access(PODS, true)], { ...PODS, subresource: 'log' })).toMatch(unknown)
    expect(ask([access(PODS, true)], { ...PODS, group: 'metrics.k8s.io' })).toMatch(unknown)
    expect(ask([access(PODS, true)], { ...PODS, verb: '*' })).toMatch(unknown)
    expect(ask([access({ verb: 'get', path: '/metrics' }, true)], { verb: 'get', path: '/metrics/slis' })).toMatch(
      unknown,
    )
  })

  it('says what was captured instead, or why the answer was not', () => {
    expect(ask([access(PODS, false)], { ...PODS, verb: 'delete', namespace: 'shop' })).toBe(
      'not captured: whether this identity may delete pods in namespace shop: captured is list pods in all namespaces: no',
    )
    expect(ask([access({ ...PODS, group: 'apps' }, true)], { ...PODS, subresource: 'log', name: 'a' })).toBe(
      'not captured: whether this identity may list pods/log a in all namespaces: captured are 1 other questions',
    )
    expect(ask([access(PODS)], PODS)).toContain('the API server answered: etcdserver: request timed out')
  })
})

describe('the rules of a namespace', () => {
  const reader = { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', '*/status'] }
  const named = { verbs: ['*'], apiGroups: ['apps'], resources: ['*'], resourceNames: ['web'] }
  const reviews = [rules('shop', [reader, named])]
  const inShop = (verb: string, resource: string, more: object = {}) =>
    ask(reviews, { verb, group: '', resource, namespace: 'shop', ...more })

  it('answer what was not asked, as RBAC does', () => {
    expect(inShop('list', 'pods')).toBe(true)
    expect(inShop('get', 'pods', { name: 'web-1' })).toBe(true)
    expect(inShop('get', 'nodes', { subresource: 'status' })).toBe(true)
    expect(inShop('get', 'pods', { subresource: 'log' })).toBe(false)
    expect(inShop('delete', 'pods')).toBe(false)
    expect(inShop('delete', 'deployments', { group: 'apps', name: 'web' })).toBe(true)
    expect(inShop('delete', 'deployments', { group: 'apps' })).toBe(false)
  })

  it('answer nothing of other namespaces, of all of them, or of paths', () => {
    for (const namespace of ['till', '']) expect(inShop('list', 'pods', { namespace })).toMatch(/^not captured/)
    expect(ask([rules('', [reader])], PODS)).toMatch(/^not captured/)
    const open = rules('shop', [], { nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] })
    expect(ask([open], { verb: 'get', path: '/metrics' })).toMatch(/^not captured/)
  })

  it('prove nothing where they are incomplete, and no absence where their making failed', () => {
    const asked = { ...PODS, namespace: 'shop' }
    expect(ask([rules('shop', [reader], { incomplete: true })], asked)).toMatch(/^not captured/)
    expect(ask([rules('shop', [reader], { incomplete: undefined })], asked)).toMatch(/^not captured/)
    const failed = [rules('shop', [reader], { evaluationError: 'role "a" not found' })]
    expect(ask(failed, asked)).toBe(true)
    expect(ask(failed, { ...asked, verb: 'delete' })).toMatch(/^not captured/)
  })

  it('come after the answer to the very question', () => {
    const asked = { ...PODS, namespace: 'shop' }
    expect(ask([access(asked, false), ...reviews], asked)).toBe(false)
  })

  it('are listed for the namespace that they were captured for', () => {
    const body = { kind: 'SelfSubjectRulesReview', spec: { namespace: 'shop' } }
    expect(answerReview(reviews, RULES, body).body).toEqual({
      kind: 'SelfSubjectRulesReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec: {},
      status: { resourceRules: [reader, named], nonResourceRules: [], incomplete: false },
    })
    expect(() => answerReview(reviews, RULES, { spec: { namespace: 'till' } })).toThrow(
      'not captured: the rules of this identity in namespace "till": captured are those in "shop"',
    )
    expect(() => answerReview(reviews, RULES, { spec: {} })).toThrow('no namespace on request')
  })
})

describe('who the identity is', () => {
  it('is told in every version', () => {
    expect(answerReview([SELF_REVIEW], SELF, {}).body).toEqual(SELF_REVIEW.answer)
    expect(answerReview([SELF_REVIEW], SELF.replace('v1', 'v1alpha1'), null).body).toMatchObject({
      apiVersion: 'authentication.k8s.io/v1alpha1',
      status: { userInfo: { username: 'ops' } },
    })
  })

  it('is not captured where the server did not tell', () => {
    const failed = [{ path: SELF, question: {}, error: 'the server could not find the requested resource' }]
    expect(() => answerReview(failed, SELF, {})).toThrow(/^not captured: .* could not find the requested resource$/)
    expect(() => answerReview([], SELF, {})).toThrow('not captured: who this identity is: nobody asked')
  })
})

describe('what is no such question', () => {
  it.each([
    ['/apis/authorization.k8s.io/v1/subjectaccessreviews', {}, 404],
    ['/apis/authorization.k8s.io/v1/constructor', {}, 404],
    [ACCESS, { spec: {} }, 422],
    [ACCESS, { spec: { resourceAttributes: PODS, nonResourceAttributes: { path: '/' } } }, 422],
    [ACCESS, 'pods', 422],
    [ACCESS, { kind: 'SelfSubjectRulesReview', spec: { namespace: 'shop' } }, 400],
  ])('is refused: %s %j', (path, body, code) => {
    expect(() => answerReview([], path, body)).toThrow(expect.objectContaining({ name: 'Refusal', code }))
  })

  it('is never a yes from what a stranger wrote', () => {
    const spec = { resourceAttributes: PODS }
    const odd = [
      null,
      7,
      { path: 7 },
      { path: ACCESS },
      { path: ACCESS, question: { spec }, answer: { status: { allowed: 'true' } } },
      { path: ACCESS, question: { spec: { resourceAttributes: [] } }, answer: { status: { allowed: true } } },
      {
        path: RULES,
        question: { spec: { namespace: 'shop' } },
        answer: { status: { incomplete: 0, resourceRules: 1 } },
      },
    ] as unknown as Review[]
    expect(ask(odd, PODS)).toMatch(/^not captured/)
    expect(ask(odd, { ...PODS, namespace: 'shop' })).toMatch(/^not captured/)
  })
})

/** As kubectl 1.34 sends them. */
describe('a review in protobuf', () => {
  const wrap = (kind: string, apiVersion: string, spec: Buffer) => {
    const type = Buffer.concat([field(1, Buffer.from(apiVersion)), field(2, Buffer.from(kind))])
    const metadata = field(1, field(8, Buffer.alloc(0)))
    const raw = Buffer.concat([metadata, field(2, spec), field(3, Buffer.from([8, 0]))])
    return Buffer.concat([Buffer.from('k8s\0'), field(1, type), field(2, raw), field(3, Buffer.alloc(0))])
  }

  function field(number: number, value: Buffer): Buffer {
    const length = value.length < 128 ? [value.length] : [(value.length & 0x7f) | 0x80, value.length >> 7]
    return Buffer.concat([Buffer.from([number * 8 + 2, ...length]), value])
  }

  const texts = (...values: string[]) =>
    Buffer.concat(values.map((value, index) => field(index + 1, Buffer.from(value))))

  it('is read as its JSON would be', () => {
    const attributes = texts('shop', 'get', '', '*', 'pods', 'log', 'n'.repeat(200))
    const selector = field(9, Buffer.concat([field(1, Buffer.from('a=b')), field(2, Buffer.alloc(0))]))
    const asked = wrap(
      'SelfSubjectAccessReview',
      'authorization.k8s.io/v1',
      field(1, Buffer.concat([attributes, selector])),
    )
    expect(readProtobufReview(asked)).toEqual({
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      spec: {
        resourceAttributes: {
          namespace: 'shop',
          verb: 'get',
          group: '',
          version: '*',
          resource: 'pods',
          subresource: 'log',
          name: 'n'.repeat(200),
          labelSelector: { rawSelector: 'a=b', requirements: [{}] },
        },
      },
    })
    const path = wrap('SelfSubjectAccessReview', 'v1', field(2, texts('/metrics', 'get')))
    expect(readProtobufReview(path)).toMatchObject({
      spec: { nonResourceAttributes: { path: '/metrics', verb: 'get' } },
    })
    expect(readProtobufReview(wrap('SelfSubjectRulesReview', 'v1', texts('shop')))).toMatchObject({
      spec: { namespace: 'shop' },
    })
    expect(readProtobufReview(wrap('SelfSubjectReview', 'v1', Buffer.alloc(0)))).toEqual({
      kind: 'SelfSubjectReview',
      apiVersion: 'v1',
    })
  })

  it('is refused where it is none', () => {
    const whole = wrap('SelfSubjectRulesReview', 'v1', texts('shop'))
    const wrong = [
      Buffer.alloc(0),
      Buffer.from('{}'),
      whole.subarray(0, 20),
      Buffer.concat([Buffer.from('k8s\0'), Buffer.alloc(100, 0xff)]),
      Buffer.from('k8s\0\x0a\xff\xff\xff\xff\x0f', 'latin1'),
      Buffer.from('k8s\0\x0b\x00', 'latin1'),
    ]
    for (const body of wrong) {
      expect(() => readProtobufReview(body)).toThrow(expect.objectContaining({ name: 'Refusal', code: 400 }))
    }
  })
})
