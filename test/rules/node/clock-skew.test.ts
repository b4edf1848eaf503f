import { describe, expect, it } from 'vitest'
import { clockSkew } from '../../../src/rules/node/clock-skew.ts'
import { ago } from '../../incident/scene.ts'
import { node, pod, thing, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

function lease(seconds: number) {
  const patch = {
    spec: { renewTime: ago(10 + seconds) },
    metadata: { managedFields: [wrote('kubelet', 10, { 'f:spec': { 'f:renewTime': {} } })] },
  }
  return thing('coordination.k8s.io/v1', 'Lease', 'kube-node-lease/node-1', patch)
}

const refused = {
  'shop/web-1/app': `${ago(60)} ERROR SignatureDoesNotMatch: Signature expired: 20260201T115500Z is now earlier than 20260201T115959Z\n`,
}

describe('clock-skew', () => {
  it('names the node whose lease is written with another time', async () => {
    const outcome = await evaluate(clockSkew, {
      objects: [node('node-1'), lease(300), pod('shop/web-1')],
      logs: refused,
    })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('300 s behind')
  })

  it('calls it a risk where nothing is refused, and is quiet about a lease that is written in time', async () => {
    expect((await evaluate(clockSkew, { objects: [node('node-1'), lease(300)] })).findings[0]?.kind).toBe('risk')
    expect((await evaluate(clockSkew, { objects: [node('node-1'), lease(1)] })).status).toBe('clear')
  })

  it('suggests it where only pods of one node of several are refused', async () => {
    const outcome = await evaluate(clockSkew, {
      objects: [node('node-1'), node('node-2'), pod('shop/web-1')],
      logs: refused,
    })
    expect(outcome.findings[0]?.strength).toBe('weak')
  })
})
