import { describe, expect, it } from 'vitest'
import { corednsScaleDownLameduck } from '../../../src/rules/dns/coredns-scale-down-lameduck.ts'
import { event } from '../../incident/things.ts'
import { evaluate } from '../check.ts'
import { COREFILE, cluster, logOf, nameServer, SLOW } from './cluster.ts'

describe('coredns-scale-down-lameduck', () => {
  const killed = (last: number) =>
    event('kube-system', 'Pod/coredns-5d4f7c8b9-zzzzz', 'Killing', 'Stopping container coredns', {
      type: 'Normal',
      last,
    })

  it('needs lookups that fail only then', async () => {
    const objects = [...cluster, ...nameServer({ corefile: COREFILE })]
    const fires = await evaluate(corednsScaleDownLameduck, { objects: [...objects, killed(605)], logs: logOf(SLOW) })
    expect(fires.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
    expect(
      await evaluate(corednsScaleDownLameduck, { objects: [...objects, killed(300)], logs: logOf(SLOW) }),
    ).toMatchObject({ status: 'clear', rejections: [{}] })
  })

  it('does not count names that do not exist, whenever they are asked for', async () => {
    const logs = logOf(SLOW, 'Error: getaddrinfo ENOTFOUND nothing.example.com')
    const objects = [...cluster, ...nameServer({ corefile: COREFILE }), killed(605)]
    expect((await evaluate(corednsScaleDownLameduck, { objects, logs })).findings).toHaveLength(1)
  })

  it('is quiet where no server ended, where no lookup failed, and where no server is left', async () => {
    const well = nameServer({ corefile: COREFILE })
    const quiet = [
      { objects: [...cluster, ...well], logs: logOf(SLOW) },
      { objects: [...cluster, ...well, killed(605)], logs: logOf('GET /health 200') },
      { objects: [...cluster, ...nameServer({ ready: false }), killed(605)], logs: logOf(SLOW) },
    ]
    for (const scene of quiet)
      expect(await evaluate(corednsScaleDownLameduck, scene)).toMatchObject({ status: 'clear', rejections: [] })
  })
})
