import { describe, expect, it } from 'vitest'
import { serviceSelectorOrPortMismatch } from '../../../src/rules/workload/service-selector-or-port-mismatch.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { pod, service, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const web = (labels: Record<string, string>, ports: readonly unknown[] = [{ name: 'http', containerPort: 8080 }]) =>
  pod('shop/web-6c8f7d9b5-abcde', { owner: 'ReplicaSet/web-6c8f7d9b5', labels, containers: [{ spec: { ports } }] })
const changed = (field: string) => ({
  managedFields: [wrote('kubectl-edit', 600, { 'f:spec': { [`f:${field}`]: {} } })],
})
const labels = { app: 'web' }

describe('service-selector-or-port-mismatch', () => {
  it('names the Service whose selector was changed, and the label', async () => {
    const outcome = await evaluate(serviceSelectorOrPortMismatch, {
      objects: [
        service('shop/web', { metadata: changed('selector'), spec: { selector: { app: 'web-v2' } } }),
        web(labels),
      ],
    })
    expect(subjectsOf(outcome)).toEqual(['Service shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause' })
    expect(outcome.findings[0]?.says).toContain('app=web-v2 (they have web)')
  })

  it('is a risk where nobody misses it, and rejected where another Service leads there', async () => {
    const wrong = service('shop/web', { spec: { selector: { app: 'web-v2' } } })
    expect((await evaluate(serviceSelectorOrPortMismatch, { objects: [wrong, web(labels)] })).findings[0]?.kind).toBe(
      'risk',
    )
    const other = service('shop/web-main', { spec: { selector: labels } })
    const outcome = await evaluate(serviceSelectorOrPortMismatch, { objects: [wrong, other, web(labels)] })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [{ kind: 'rejected' }] })
  })

  it('takes no other application of the same release for the one that is meant', async () => {
    const selector = { 'app.kubernetes.io/name': 'redis', 'app.kubernetes.io/instance': 'shop' }
    const other = web({ 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/instance': 'shop' })
    expect(
      (
        await evaluate(serviceSelectorOrPortMismatch, {
          objects: [service('shop/redis', { spec: { selector } }), other],
        })
      ).status,
    ).toBe('clear')
  })

  it('is a cause where callers fail', async () => {
    const wrong = service('shop/web', { spec: { selector: { app: 'web-v2' } } })
    const caller = pod('shop/api-7d9f8c6b5-fghij', { owner: 'ReplicaSet/api-7d9f8c6b5' })
    const logs = {
      'shop/api-7d9f8c6b5-fghij/app': `${ago(20)} ERROR dial tcp web.shop.svc.cluster.local:80: connect: connection refused\n`,
    }
    const outcome = await evaluate(serviceSelectorOrPortMismatch, { objects: [wrong, web(labels), caller], logs })
    expect(outcome.findings[0]?.kind).toBe('cause')
  })

  it('knows a target port by a name that nobody gives', async () => {
    const wrong = service('shop/web', { spec: { ports: [{ port: 80, targetPort: 'web' }] } })
    const outcome = await evaluate(serviceSelectorOrPortMismatch, { objects: [wrong, web(labels)] })
    expect(outcome.findings[0]).toMatchObject({ strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('http=8080')
  })

  it('is quiet about a fitting one, an undeclared port, and a Service without pods', async () => {
    const scenes = [
      [service('shop/web'), web(labels)],
      [service('shop/web', { spec: { ports: [{ port: 80, targetPort: 9090 }] } }), web(labels)],
      [service('shop/web')],
    ]
    for (const objects of scenes)
      expect((await evaluate(serviceSelectorOrPortMismatch, { objects })).status).toBe('clear')
  })

  it('is quiet about Services whose endpoints somebody else writes, or that are only a name', async () => {
    const { spec, ...manual } = service('shop/web')
    const { selector: _, ...own } = spec as Record<string, unknown>
    const alias = { type: 'ExternalName', externalName: 'web.example.com', selector: { app: 'web-v2' } }
    for (const one of [{ ...manual, spec: own }, service('shop/web', { spec: alias })])
      expect((await evaluate(serviceSelectorOrPortMismatch, { objects: [one as Thing, web(labels)] })).status).toBe(
        'clear',
      )
  })
})
