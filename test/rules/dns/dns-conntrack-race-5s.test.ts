import { describe, expect, it } from 'vitest'
import { dnsConntrackRace5s } from '../../../src/rules/dns/dns-conntrack-race-5s.ts'
import { evaluate } from '../check.ts'

describe('dns-conntrack-race-5s', () => {
  it('says which evidence alone can tell', async () => {
    const outcome = await evaluate(dnsConntrackRace5s, { objects: [] })
    expect(outcome).toMatchObject({ status: 'not-evaluated', why: expect.stringContaining('conntrack') })
  })
})
