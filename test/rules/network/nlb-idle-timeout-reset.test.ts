import { describe, expect, it } from 'vitest'
import { nlbIdleTimeoutReset } from '../../../src/rules/network/nlb-idle-timeout-reset.ts'
import { service } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { burst, logged, machine, rare, resetBy, web } from './logged.ts'

const RESET = 'client closed: connection reset by peer'
const balanced = service('shop/web', { spec: { type: 'LoadBalancer' } })
const of = (words: string, seconds: readonly number[], inFront = balanced) =>
  evaluate(nlbIdleTimeoutReset, { objects: [machine('m5.large'), web, inFront], logs: logged(words, seconds) })

describe('nlb-idle-timeout-reset', () => {
  it('suspects the load balancer in front of what is called', async () => {
    const outcome = await of(RESET, rare)
    expect(subjectsOf(outcome)).toEqual(['Pod shop/web-1'])
    expect(outcome.findings[0]?.says).not.toContain('went well over a new connection')
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Service', namespace: 'shop', name: 'web' })
  })

  it('is quiet without one, for bursts, and for calls that go out', async () => {
    expect((await of(RESET, rare, service('shop/web'))).status).toBe('clear')
    expect((await of(RESET, burst)).status).toBe('clear')
    expect((await of(resetBy('203.0.113.7:443'), rare)).status).toBe('clear')
  })
})
