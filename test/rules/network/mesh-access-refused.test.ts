import { describe, expect, it } from 'vitest'
import { meshAccessRefused } from '../../../src/rules/network/mesh-access-refused.ts'
import { ago } from '../../incident/scene.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { failing, istio, shop } from './meshed.ts'

const strict = (written = 640) =>
  istio('security', 'PeerAuthentication', 'default', { mtls: { mode: 'STRICT' } }, written)
const plain = istio('networking', 'DestinationRule', 'pay', {
  host: 'pay',
  trafficPolicy: { tls: { mode: 'DISABLE' } },
})
const policy = (spec: object) => istio('security', 'AuthorizationPolicy', 'nobody', spec)
const pay = { selector: { matchLabels: { app: 'pay' } } }

describe('mesh-access-refused', () => {
  it.each([
    ['STRICT for a caller without a proxy', shop(false), [strict()], 'PeerAuthentication shop/default'],
    ['TLS switched off before STRICT', shop(), [strict(90_000), plain], 'DestinationRule shop/pay'],
    [
      'a policy that denies all',
      shop(),
      [policy({ ...pay, action: 'DENY', rules: [{}] })],
      'AuthorizationPolicy shop/nobody',
    ],
    ['a policy that allows nobody', shop(), [policy(pay)], 'AuthorizationPolicy shop/nobody'],
  ])('names %s', async (_, objects, policies, subject) => {
    const outcome = await evaluate(meshAccessRefused, { objects: [...objects, ...policies], logs: failing() })
    expect(subjectsOf(outcome)).toEqual([subject])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
  })

  it.each([
    ['STRICT between two with proxies', shop(), [strict()]],
    ['a policy that denies some', shop(), [policy({ ...pay, action: 'DENY', rules: [{ to: [{}] }] })]],
    ['a policy that allows some', shop(), [policy({ ...pay, rules: [{}] })]],
    ['TLS switched off where plain calls are taken', shop(), [plain]],
  ])('is quiet about %s', async (_, objects, policies) => {
    const { findings } = await evaluate(meshAccessRefused, { objects: [...objects, ...policies], logs: failing() })
    expect(findings).toEqual([])
  })

  it('names the policy for which the proxy of the callee says that it denies', async () => {
    const line = '"GET /x HTTP/1.1" 403 - rbac_access_denied_matched_policy[ns[shop]-policy[nobody]-rule[0]] - "-" 0 19'
    const log = [600, 300, 20].map((seconds) => `${ago(seconds)} ${line}\n`).join('')
    const outcome = await evaluate(meshAccessRefused, {
      objects: [...shop(), policy({ ...pay, action: 'DENY', rules: [{ from: [{}] }] })],
      logs: { 'shop/pay-6c8f7d9b5-abcde/istio-proxy': `${ago(3600)} started\n${log}` },
    })
    expect(subjectsOf(outcome)).toEqual(['AuthorizationPolicy shop/nobody'])
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'pay' })
  })

  it('is quiet about a policy that came after its callers began to fail', async () => {
    const { findings } = await evaluate(meshAccessRefused, { objects: [...shop(false), strict()], logs: failing(3000) })
    expect(findings).toEqual([])
  })
})
