import { describe, expect, it } from 'vitest'
import { ndotsAmplification } from '../../../src/rules/dns/ndots-amplification.ts'
import { evaluate } from '../check.ts'

describe('ndots-amplification', () => {
  it('says which evidence alone can tell', async () => {
    const outcome = await evaluate(ndotsAmplification, { objects: [] })
    expect(outcome).toMatchObject({ status: 'not-evaluated', why: expect.stringContaining('coredns-metrics') })
  })
})
