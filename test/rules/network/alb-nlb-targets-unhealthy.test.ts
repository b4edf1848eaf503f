import { describe, expect, it } from 'vitest'
import { albNlbTargetsUnhealthy } from '../../../src/rules/network/alb-nlb-targets-unhealthy.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { pod, service, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { gated } from './target-health.ts'

const FAILED = 'Target.FailedHealthChecks'
const CODES = 'Health checks failed with these codes: [404]'
const ingress = thing('networking.k8s.io/v1', 'Ingress', 'shop/shop', {
  spec: { rules: [{ http: { paths: [{ path: '/', backend: { service: { name: 'web', port: { number: 80 } } } }] } }] },
})
const of = (web: Thing) => evaluate(albNlbTargetsUnhealthy, { objects: [web, service('shop/web'), ingress] })

describe('alb-nlb-targets-unhealthy', () => {
  it('sees ready containers that the load balancer finds unhealthy', async () => {
    const outcome = await of(gated(900, FAILED, CODES))
    expect(subjectsOf(outcome)).toEqual(['Service shop/web'])
    expect(outcome.findings[0]?.strength).toBe('proof')
    expect(outcome.findings[0]?.says).toContain(`${FAILED}: ${CODES}`)
    expect(outcome.findings[0]?.affects?.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'Ingress shop',
      'Pod web-1',
      'Service web',
    ])
  })

  it.each([
    ['is only being registered', gated(60, FAILED, CODES)],
    ['is not ready itself', gated(900, FAILED, CODES, 'False')],
    ['was never registered', gated(900, 'Target.NotRegistered', 'Target is not registered')],
  ])('leaves alone a pod that %s', async (_, web) => {
    const outcome = await of(web)
    expect([outcome.status, outcome.rejections.length]).toEqual(['clear', 1])
  })

  it('is unsure while the load balancer checks for longer than it should', async () => {
    const outcome = await of(gated(900, 'Elb.InitialHealthChecking', 'Initial health checks in progress'))
    expect(outcome.findings[0]?.strength).toBe('weak')
  })

  it('does not wait for a pod that is being deleted', async () => {
    const web = gated(900, FAILED, CODES)
    const leaving = { ...web, metadata: { ...(web.metadata as object), deletionTimestamp: ago(-20) } }
    expect(await of(leaving)).toMatchObject({ findings: [], rejections: [] })
  })

  it('is quiet where pods have no gate', async () => {
    const bare = pod('shop/web-1', { labels: { app: 'web' }, ready: false })
    expect(await of(bare)).toMatchObject({ findings: [], rejections: [] })
  })
})
