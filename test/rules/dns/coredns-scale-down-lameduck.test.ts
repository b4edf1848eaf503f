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
})
