import { describe, expect, it } from 'vitest'
import { ephemeralPortExhaustion } from '../../../src/rules/network/ephemeral-port-exhaustion.ts'
import { connections, tableOf } from '../../incident/kernel-connections.ts'
import { node, pod, service } from '../../incident/things.ts'
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

  describe('by the connections that its node keeps in mind', () => {
    const TARGET = '10.0.0.9:6379'
    const taken = (times: number, from = '10.244.0.10') => connections(times, from, TARGET, { state: 'TIME_WAIT' })
    const seen = async (
      entries: readonly string[],
      logs: Record<string, string> = logged(EXHAUSTED, burst),
      { one = web, on = 'node-1', whole = true } = {},
    ) => {
      const files = tableOf(on, { count: [entries.length], entries, whole })
      const machine = node('node-1', { status: { addresses: [{ type: 'InternalIP', address: '10.0.0.11' }] } })
      const objects = [machine, node('node-2'), one, service('shop/web')]
      return (await evaluate(ephemeralPortExhaustion, { objects, logs, files })).findings
    }
    const told = async (...given: Parameters<typeof seen>) =>
      (await seen(...given)).map(({ kind, strength, subject }) => `${kind} ${strength} ${subject.kind} ${subject.name}`)

    it('is proved where the pod that has none has used nearly all of them', async () => {
      const [finding] = await seen(taken(27_000))
      expect(finding?.strength).toBe('proof')
      expect(finding?.says).toContain('from 27000 of 28232 local ports within minutes (100 % closed)')
      expect(finding?.cites.length).toBe(2)
    })

    it('is doubted where many are free, and stays what it was where its node was not asked', async () => {
      const [finding] = await seen(taken(900))
      expect(finding).toMatchObject({ strength: 'weak', against: [{}] })
      expect((await seen(taken(900, '10.244.0.77')))[0]).toMatchObject({ strength: 'strong', against: [] })
      expect((await seen(taken(900), undefined, { whole: false }))[0]).toMatchObject({
        strength: 'strong',
        against: [],
      })
      const old = logged(
        EXHAUSTED,
        burst.map((at) => at + 300),
      )
      expect((await seen(taken(900), old))[0]).toMatchObject({ strength: 'strong', against: [] })
    })

    it('is a risk where no call fails, of the node where it is of nobody else', async () => {
      const well = logged('listening', [100], 'info')
      expect(await told(taken(27_000), well)).toEqual(['risk weak Pod web-1'])
      expect(await told(taken(27_000, '10.0.0.11'), well)).toEqual(['risk weak Node node-1'])
      expect(await told(taken(20_000), well)).toEqual([])
      // The node of the target keeps the same connections in mind.
      expect(await told(taken(27_000), well, { on: 'node-2' })).toEqual([])
    })

    it('is measured by the range that the pod has', async () => {
      const wide = pod('shop/web-1', {
        labels: { app: 'web' },
        spec: { securityContext: { sysctls: [{ name: 'net.ipv4.ip_local_port_range', value: '1024 65535' }] } },
      })
      expect(await told(taken(27_000), logged('listening', [100], 'info'), { one: wide })).toEqual([])
    })
  })
})
