import { describe, expect, it } from 'vitest'
import { meshRouteBroken } from '../../../src/rules/network/mesh-route-broken.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { failing, istio, shop } from './meshed.ts'

const virtual = (subset: string) =>
  istio('networking', 'VirtualService', 'pay', {
    hosts: ['pay'],
    http: [{ route: [{ destination: { host: 'pay.shop.svc.cluster.local', subset } }] }],
  })

const rule = (version: string) =>
  istio('networking', 'DestinationRule', 'pay-rule', { host: 'pay', subsets: [{ name: 'main', labels: { version } }] })

describe('mesh-route-broken', () => {
  it.each([
    ['the route to a subset that nobody defines', [virtual('next'), rule('v1')], 'VirtualService shop/pay'],
    ['the subset whose labels no pod has', [virtual('main'), rule('v9')], 'DestinationRule shop/pay-rule'],
  ])('names %s', async (_, objects, subject) => {
    const outcome = await evaluate(meshRouteBroken, { objects: [...shop(), ...objects], logs: failing() })
    expect(subjectsOf(outcome)).toEqual([subject])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
  })

  it('is quiet where the subset has pods', async () => {
    const objects = [...shop(), virtual('main'), rule('v1')]
    const { findings } = await evaluate(meshRouteBroken, { objects, logs: failing() })
    expect(findings).toEqual([])
  })

  it('is quiet where nobody who calls it fails', async () => {
    const { findings } = await evaluate(meshRouteBroken, { objects: [...shop(), virtual('next'), rule('v1')] })
    expect(findings).toEqual([])
  })

  it('does not take DestinationRules that it may not read for missing', async () => {
    const objects = [...shop(), virtual('next'), rule('v1')]
    const denied = ['destinationrules.networking.istio.io']
    const { findings } = await evaluate(meshRouteBroken, { objects, logs: failing(), denied })
    expect(findings).toEqual([])
  })
})
