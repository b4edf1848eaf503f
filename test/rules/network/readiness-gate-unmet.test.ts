import { describe, expect, it } from 'vitest'
import { readinessGateUnmet } from '../../../src/rules/network/readiness-gate-unmet.ts'
import { ago } from '../../incident/scene.ts'
import { pod } from '../../incident/things.ts'
import { evaluate } from '../check.ts'

const GATE = 'mesh.example/registered'
function gated(options: { since?: number; containers?: string; gate?: string; set?: object } = {}) {
  const { since = 1800, containers = 'True', gate = GATE, set } = options
  return pod('shop/web-6c8f7d9b5-abcde', {
    owner: 'ReplicaSet/web-6c8f7d9b5',
    ready: false,
    spec: { readinessGates: [{ conditionType: gate }] },
    status: {
      conditions: [
        { type: 'ContainersReady', status: containers, lastTransitionTime: ago(since) },
        { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', lastTransitionTime: ago(since) },
        ...(set ? [{ type: gate, lastTransitionTime: ago(since), ...set }] : []),
      ],
    },
  })
}
const of = (...args: Parameters<typeof gated>) => evaluate(readinessGateUnmet, { objects: [gated(...args)] })

describe('readiness-gate-unmet', () => {
  it('names the gate that nobody sets', async () => {
    const { findings } = await of()
    expect(findings).toMatchObject([{ kind: 'cause', strength: 'proof', subject: { kind: 'Deployment', name: 'web' } }])
    expect(findings[0]?.says).toContain(`${GATE} of their readiness gates was never set`)
  })

  it('gives the words of whoever set it to False', async () => {
    const { findings } = await of({ set: { status: 'False', reason: 'NotInMesh', message: 'no identity' } })
    expect(findings[0]?.says).toContain('is False (NotInMesh: no identity)')
  })

  it('is quiet while the containers are not ready, and right after', async () => {
    expect(await of({ containers: 'False' })).toMatchObject({ findings: [], rejections: [{}] })
    expect((await of({ since: 60 })).findings).toEqual([])
  })

  it('is quiet of a gate that is open, and of one of which the load balancer tells why', async () => {
    expect((await of({ set: { status: 'True' } })).findings).toEqual([])
    const gate = 'target-health.elbv2.k8s.aws/k8s-shop-web'
    expect((await of({ gate, set: { status: 'False', reason: 'Target.FailedHealthChecks' } })).findings).toEqual([])
  })

  it('does not wait for a pod that is being deleted', async () => {
    const web = gated()
    const leaving = { ...web, metadata: { ...(web.metadata as object), deletionTimestamp: ago(-20) } }
    expect(await evaluate(readinessGateUnmet, { objects: [leaving] })).toMatchObject({ findings: [], rejections: [] })
  })
})
