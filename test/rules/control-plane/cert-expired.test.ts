import { describe, expect, it } from 'vitest'
import { certExpired } from '../../../src/rules/control-plane/cert-expired.ts'
import { repeated } from '../../incident/scene.ts'
import { pod, service, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { EXPIRED } from './expired.ts'

const PLACE = 'shop/web-6c8f7d9b5-abcde'
const sick = pod(PLACE, { owner: 'ReplicaSet/web-6c8f7d9b5', ready: false })
const log = (line: string) => ({ [`${PLACE}/app`]: `2026-02-01T11:58:00Z ${line}` })
const CALL =
  'ERROR Get "https://pay.shop.svc:443/": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-02-01T11:58:00Z is after 2026-02-01T11:00:00Z'

describe('cert-expired', () => {
  it('names the Service whose certificate its callers refuse', async () => {
    const outcome = await evaluate(certExpired, { objects: [sick, service('shop/pay')], logs: log(CALL) })
    expect(subjectsOf(outcome)).toEqual(['Service shop/pay'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
  })

  it('names the Certificate of cert-manager instead, where there is one', async () => {
    const certificate = thing('cert-manager.io/v1', 'Certificate', 'shop/pay', {
      spec: { secretName: 'pay-tls', dnsNames: ['pay.shop.svc'] },
      status: { notAfter: '2026-02-01T11:00:00Z' },
    })
    const outcome = await evaluate(certExpired, { objects: [sick, service('shop/pay'), certificate], logs: log(CALL) })
    expect(subjectsOf(outcome)).toEqual(['Certificate shop/pay'])
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Service', namespace: 'shop', name: 'pay' })
  })

  it('names a Certificate that says so of itself once', async () => {
    const ready = { type: 'Ready', status: 'False', reason: 'Expired', message: 'Certificate expired on Sun, 01 Feb' }
    const certificate = thing('cert-manager.io/v1', 'Certificate', 'shop/pay', {
      spec: { secretName: 'pay-tls' },
      status: { notAfter: '2026-02-01T11:00:00Z', conditions: [ready] },
    })
    expect(subjectsOf(await evaluate(certExpired, { objects: [certificate] }))).toEqual(['Certificate shop/pay'])
  })

  it('reads the caBundle of webhooks', async () => {
    const clientConfig = {
      service: { namespace: 'guard', name: 'guard' },
      caBundle: Buffer.from(EXPIRED).toString('base64'),
    }
    const webhook = thing('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', 'guard', {
      webhooks: [{ name: 'check.example.com', clientConfig }],
    })
    expect((await evaluate(certExpired, { objects: [webhook] })).findings).toMatchObject([
      { kind: 'risk', subject: { name: 'guard' } },
    ])
  })

  it('is quiet of one that is in time, or not valid yet', async () => {
    const early = CALL.replace('is after 2026-02-01T11:00:00Z', 'is before 2026-02-01T12:30:00Z').replace(
      'https://pay.shop.svc:443/',
      '/x',
    )
    expect((await evaluate(certExpired, { objects: [sick, service('shop/pay')], logs: log(early) })).findings).toEqual(
      [],
    )
    const certificate = thing('cert-manager.io/v1', 'Certificate', 'shop/pay', {
      status: { notAfter: '2026-03-01T11:00:00Z' },
    })
    expect((await evaluate(certExpired, { objects: [certificate] })).status).toBe('clear')
  })

  describe('of who signs for a mesh', () => {
    const identity = 'linkerd/linkerd-identity-6c8f7d9b5-abcde'
    const proxied = (container: string) =>
      pod(PLACE, { owner: 'ReplicaSet/web-6c8f7d9b5', ready: false, containers: [{ name: container }] })
    const scene = (container: string, refusal: string) => ({
      objects: [pod(identity, { owner: 'ReplicaSet/linkerd-identity-6c8f7d9b5' }), proxied(container)],
      logs: {
        [`${identity}/app`]: repeated(`level=error msg="${refusal}x509: certificate has expired"`, 20, 600, 5),
        [`${PLACE}/${container}`]: repeated(
          'ERROR Failed to obtain identity: "x509: certificate has expired or is not yet valid"',
          20,
          600,
          5,
        ),
      },
    })
    const REFUSAL = 'could not process CSR because of CA cert validation failure: '

    it('has the proxies among those that suffer', async () => {
      const outcome = await evaluate(certExpired, scene('linkerd-proxy', REFUSAL))
      expect(subjectsOf(outcome)).toEqual(['Deployment linkerd/linkerd-identity'])
      expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
    })

    it('tells apart what an application meets, and what anybody else says', async () => {
      expect(subjectsOf(await evaluate(certExpired, scene('app', REFUSAL)))).toHaveLength(2)
      expect(subjectsOf(await evaluate(certExpired, scene('linkerd-proxy', '')))).toContain('Deployment shop/web')
    })
  })
})
