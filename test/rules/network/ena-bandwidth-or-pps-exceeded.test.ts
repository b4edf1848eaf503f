import { describe, expect, it } from 'vitest'
import { enaBandwidthOrPpsExceeded } from '../../../src/rules/network/ena-bandwidth-or-pps-exceeded.ts'
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
