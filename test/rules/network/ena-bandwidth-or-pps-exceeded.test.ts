import { describe, expect, it } from 'vitest'
import { enaBandwidthOrPpsExceeded } from '../../../src/rules/network/ena-bandwidth-or-pps-exceeded.ts'
import { kernelOf } from '../../incident/kernel-answers.ts'
import { repeated } from '../../incident/scene.ts'
import { pod } from '../../incident/things.ts'
import { evaluate } from '../check.ts'
import { nodes, signal } from './node-signals.ts'

const found = async (...objects: Parameters<typeof evaluate>[1]['objects']) =>
  (await evaluate(enaBandwidthOrPpsExceeded, { objects: [...nodes, ...objects] })).findings

describe('ena-bandwidth-or-pps-exceeded', () => {
  it('makes a node slow, and is never the cause by itself', async () => {
    const [finding] = await found(signal('PPSExceeded', 'exceeded'), signal('BandwidthInExceeded', 'exceeded'))
    expect([finding?.kind, finding?.subject.name]).toEqual(['amplifier', 'n1'])
    expect(finding?.says).toContain('PPSExceeded')
    expect(finding?.says).toContain('BandwidthInExceeded')
  })

  it('is quiet for connections, and for what was long ago', async () => {
    expect(await found(signal('ConntrackExceeded', 'exceeded'), signal('PPSExceeded', 'exceeded', 'n1', 3000))).toEqual(
      [],
    )
  })
})

describe('the counters of the interface', () => {
  const logs = { 'shop/web-1/app': repeated('level=error msg="dial tcp 203.0.113.7:443: i/o timeout"', 30, 600, 90) }
  const objects = [...nodes, pod('shop/web-1', { node: 'n1' })]
  const told = (counted: Parameters<typeof kernelOf>[1], more: Record<string, string> = {}) =>
    evaluate(enaBandwidthOrPpsExceeded, { objects, logs, files: { ...kernelOf('n1', counted), ...more } })
  const grown = { ena: { bw_in: [9, 9], bw_out: [120, 12_120], pps: [0, 2] } }

  it('tell that it is so while the capture runs, by the one that is exceeded most', async () => {
    const [finding] = (await told(grown)).findings
    expect([finding?.kind, finding?.strength]).toEqual(['amplifier', 'strong'])
    expect(finding?.says).toContain('bw_out_allowance_exceeded grew by 12000 within 30 s; web-1')
  })

  it('tell how much TCP sends again, where that is more than on other nodes', async () => {
    const own = { ...grown, sent: [0, 100_000], repeated: [0, 4000] }
    const other = kernelOf('n2', { sent: [0, 100_000], repeated: [0, 100] })
    expect((await told(own, other)).findings[0]?.says).toContain('it sent 4.0 % of its segments again, n2 0.1 %;')
    const alike = kernelOf('n2', { sent: [0, 100_000], repeated: [0, 3000] })
    expect((await told(own, alike)).findings[0]?.says).not.toContain('segments')
  })

  it('count what pods send again in networks of their own', async () => {
    const uid = '0a1b2c3d-1111-4222-8333-444455556666'
    const counted = { ...grown, pods: { [uid]: [0, 0] }, sentByPod: [0, 10_000], repeatedByPod: [0, 500] }
    const own = pod('shop/api-1', { node: 'n1', metadata: { uid } })
    const scene = { objects: [...objects, own], logs, files: kernelOf('n1', counted) }
    const [finding] = (await evaluate(enaBandwidthOrPpsExceeded, scene)).findings
    expect(finding?.says).toContain('it sent 5.0 % of its segments again;')
    expect(finding?.cites.at(-1)).toMatchObject({ file: 'nodes/n1/1/kernel-network/pods.txt' })
  })

  it('mean nothing in bursts of a moment, since the start of the machine, or of another driver', async () => {
    const few = await told({ ena: { bw_in: [0, 17], bw_out: [0, 9], pps: [0, 31] } })
    expect([few.status, few.rejections.length]).toEqual(['clear', 1])
    expect((await told({ ena: { bw_in: [90_000], pps: [90_000] } })).status).toBe('clear')
    expect((await told({ ...grown, driver: 'gve' })).status).toBe('clear')
  })

  it('are a risk where they grow as much on a node on which all is well', async () => {
    const [finding] = (await told(grown, kernelOf('n2', grown))).findings
    expect([finding?.kind, finding?.strength, finding?.against?.length]).toEqual(['risk', 'weak', 1])
  })
})
