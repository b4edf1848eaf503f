import { describe, expect, it } from 'vitest'
import { nitroV6ConntrackIdle350 } from '../../../src/rules/network/nitro-v6-conntrack-idle-350.ts'
import type { Thing } from '../../incident/scene.ts'
import { pod } from '../../incident/things.ts'
import { evaluate } from '../check.ts'
import { burst, logged, machine, rare, resetBy, web } from './logged.ts'

const INSIDE = resetBy('10.0.0.7:5432')
const of = (objects: readonly Thing[], logs = logged(INSIDE, rare)) =>
  evaluate(nitroV6ConntrackIdle350, { objects: [web, ...objects], logs })

describe('nitro-v6-conntrack-idle-350', () => {
  it.each(['m8i.large', 'c8gn.4xlarge', 'r8i-flex.xlarge'])('suspects the interface of %s', async (type) => {
    const outcome = await of([machine(type)])
    expect(outcome.findings.map(({ kind, strength }) => `${kind} ${strength}`)).toEqual(['cause weak'])
    expect(outcome.findings[0]?.says).toContain(type)
  })

  it.each(['m7i.large', 'm8g.large', 't3.large'])('is quiet on %s', async (type) => {
    expect((await of([machine(type)])).status).toBe('clear')
  })

  it('is quiet for bursts, and where older machines have the same', async () => {
    expect((await of([machine('m8i.large')], logged(INSIDE, burst))).status).toBe('clear')
    const old = pod('shop/web-2', { owner: 'StatefulSet/web', node: 'node-2' })
    const young = pod('shop/web-3', { owner: 'StatefulSet/web', node: 'node-1' })
    const words = logged(INSIDE, rare)['shop/web-1/app'] ?? ''
    const outcome = await of([machine('m8i.large'), machine('m7i.large', 'node-2'), old, young], {
      'shop/web-2/app': words,
      'shop/web-3/app': words,
    })
    expect([outcome.status, outcome.rejections.length]).toEqual(['clear', 1])
  })

  it('is quiet where only other nodes are of that type', async () => {
    expect(await of([machine('m7i.large'), machine('m8i.large', 'node-2')])).toMatchObject({
      findings: [],
      rejections: [],
    })
  })
})
