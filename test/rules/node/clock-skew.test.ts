import { describe, expect, it } from 'vitest'
import { clockSkew } from '../../../src/rules/node/clock-skew.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { event, node, pod, thing, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

function lease(seconds: number, name = 'node-1') {
  const patch = {
    spec: { renewTime: ago(10 + seconds) },
    metadata: { managedFields: [wrote('kubelet', 10, { 'f:spec': { 'f:renewTime': {} } })] },
  }
  return thing('coordination.k8s.io/v1', 'Lease', `kube-node-lease/${name}`, patch)
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

  it('is quiet about seconds, which no signature minds', async () => {
    expect((await evaluate(clockSkew, { objects: [node('node-1'), lease(20)] })).status).toBe('clear')
  })

  it('names several nodes by their names, and each once, whatever else tells of its clock', async () => {
    const unset = (name: string) => event('', `Node/${name}`, 'NTPIsDown', 'NTP service is not running')
    const objects = [
      node('node-2'),
      node('node-1'),
      lease(300, 'node-2'),
      lease(300),
      unset('node-1'),
      pod('shop/web-1'),
    ]
    const outcome = await evaluate(clockSkew, { objects, logs: refused })
    expect(subjectsOf(outcome)).toEqual(['Node node-1', 'Node node-2'])
    expect(subjectsOf(await evaluate(clockSkew, { objects: [node('node-1'), unset('node-1')] }))).toEqual([
      'Node node-1',
    ])
  })

  it('is quiet where every node is refused, or there is no other to compare with', async () => {
    const line = refused['shop/web-1/app']
    const both = { objects: [node('node-1'), node('node-2'), pod('shop/web-1'), pod('shop/web-2', { node: 'node-2' })] }
    const logs = { ...refused, 'shop/web-2/app': line }
    expect((await evaluate(clockSkew, { ...both, logs })).status).toBe('clear')
    expect((await evaluate(clockSkew, { objects: [node('node-1'), pod('shop/web-1')], logs: refused })).status).toBe(
      'clear',
    )
  })

  const often = (line: string) => Array.from({ length: 20 }, (_, i) => `${ago(600 - 25 * i)} ${line}\n`).join('')
  const tooEarly =
    'ERROR x509: certificate has expired or is not yet valid: current time 2026-02-01T03:12:00Z is before 2026-02-01T09:00:00Z'
  const skewed =
    'ERROR RequestTimeTooSkewed: The difference between the request time and the current time is too large.'

  it('is surer where two programs of the node are refused again and again, or one that is well elsewhere', async () => {
    const nodes = [node('node-1'), node('node-2')]
    const strengthOf = async (objects: readonly Thing[], logs: Record<string, string>) =>
      (await evaluate(clockSkew, { objects: [...nodes, ...objects], logs })).findings[0]?.strength
    const two = [pod('shop/web-1', { owner: 'StatefulSet/web' }), pod('shop/mail-1', { owner: 'StatefulSet/mail' })]
    expect(await strengthOf(two, { 'shop/web-1/app': often(skewed), 'shop/mail-1/app': often(tooEarly) })).toBe(
      'strong',
    )
    const split = [two[0] as Thing, pod('shop/web-2', { owner: 'StatefulSet/web', node: 'node-2' })]
    expect(await strengthOf(split, { 'shop/web-1/app': often(skewed), 'shop/web-2/app': often('INFO done') })).toBe(
      'strong',
    )
    expect(await strengthOf(split, { 'shop/web-1/app': often(skewed) })).toBe('weak')
  })

  it('is quiet where pods of several nodes are refused', async () => {
    const pods = [
      pod('shop/web-1', { owner: 'StatefulSet/web' }),
      pod('shop/web-2', { owner: 'StatefulSet/web', node: 'node-2' }),
    ]
    const logs = { 'shop/web-1/app': often(skewed), 'shop/web-2/app': often(skewed) }
    const { findings } = await evaluate(clockSkew, { objects: [node('node-1'), node('node-2'), ...pods], logs })
    expect(findings).toEqual([])
  })
})
