import { describe, expect, it } from 'vitest'
import { meshFaultInjection } from '../../../src/rules/network/mesh-fault-injection.ts'
import type { Thing } from '../../incident/scene.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { failing, istio, shop } from './meshed.ts'

const route = [{ destination: { host: 'pay' } }]
const virtual = (rule: object, written?: number) =>
  istio('networking', 'VirtualService', 'pay', { hosts: ['pay'], http: [{ ...rule, route }] }, written)

const abort = { fault: { abort: { httpStatus: 500, percentage: { value: 100 } } } }

describe('mesh-fault-injection', () => {
  it.each([
    ['answers requests', abort, 'answers 100 % of requests with 500'],
    ['holds them back', { fault: { delay: { fixedDelay: '7s' } } }, 'for 7s'],
    ['gives up at once', { timeout: '1ms' }, 'gives up after 1ms'],
  ])('names the VirtualService that %s', async (_, rule, words) => {
    const outcome = await evaluate(meshFaultInjection, { objects: [...shop(), virtual(rule)], logs: failing() })
    expect(subjectsOf(outcome)).toEqual(['VirtualService shop/pay'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain(words)
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
  })

  it.each([
    ['a share of nothing', { fault: { abort: { httpStatus: 500, percentage: { value: 0 } } } }, 640, 600],
    ['a route without a fault', { timeout: '5s' }, 640, 600],
    ['a fault that was there long after its callers began to fail', abort, 640, 3000],
  ])('is quiet about %s', async (_, rule, written, first) => {
    const { findings } = await evaluate(meshFaultInjection, {
      objects: [...shop(), virtual(rule, written)],
      logs: failing(first),
    })
    expect(findings).toEqual([])
  })

  it('is quiet where nobody fails', async () => {
    const { findings, rejections } = await evaluate(meshFaultInjection, { objects: [...shop(), virtual(abort)] })
    expect(findings).toEqual([])
    expect(rejections).toHaveLength(1)
  })

  it('names a fault of which nobody knows since when', async () => {
    const { metadata, ...fault } = virtual(abort)
    const bare = { ...fault, metadata: { ...(metadata as object), creationTimestamp: undefined, managedFields: [] } }
    const outcome = await evaluate(meshFaultInjection, { objects: [...shop(), bare as Thing], logs: failing() })
    expect(subjectsOf(outcome)).toEqual(['VirtualService shop/pay'])
  })
})
