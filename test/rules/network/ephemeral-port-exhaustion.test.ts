import { describe, expect, it } from 'vitest'
import { ephemeralPortExhaustion } from '../../../src/rules/network/ephemeral-port-exhaustion.ts'
import { service } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { burst, logged, web } from './logged.ts'

const EXHAUSTED = 'dial tcp 10.0.0.9:6379: connect: cannot assign requested address'
const of = (words: string, seconds: readonly number[]) =>
  evaluate(ephemeralPortExhaustion, { objects: [web, service('shop/web')], logs: logged(words, seconds) })

describe('ephemeral-port-exhaustion', () => {
  it('is a burst of connections without a port', async () => {
    const outcome = await of(EXHAUSTED, burst)
    expect(subjectsOf(outcome)).toEqual(['Pod shop/web-1'])
    expect(outcome.findings[0]?.strength).toBe('strong')
    expect(outcome.findings[0]?.says).toContain('6 times, for connections to 10.0.0.9:6379')
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Service', namespace: 'shop', name: 'web' })
  })

  it('says so with less force when the burst has passed and the pod is well', async () => {
    const outcome = await of(
      EXHAUSTED,
      burst.map((at) => at + 900),
    )
    expect(outcome.findings[0]?.strength).toBe('weak')
  })

  it('says whether it was long ago or too seldom', async () => {
    const old = burst.map((at) => at + 7200)
    expect((await of(EXHAUSTED, old)).rejections[0]?.says).toContain('6 times, long ago')
    expect((await of(EXHAUSTED, [100])).rejections[0]?.says).toContain('too seldom')
  })

  it.each([
    ['a listener', 'listen tcp 10.0.0.9:6379: bind: cannot assign requested address', burst],
    ['a pod without IPv6', 'dial tcp [2600:1f00::1]:443: connect: cannot assign requested address', burst],
    ['one line', EXHAUSTED, [100]],
    ['long ago', EXHAUSTED, burst.map((at) => at + 7200)],
    ['a connection that times out', 'dial tcp 10.0.0.9:6379: i/o timeout', burst],
  ])('is not %s', async (_, words, seconds) => {
    expect((await of(words, seconds)).status).toBe('clear')
  })
})
