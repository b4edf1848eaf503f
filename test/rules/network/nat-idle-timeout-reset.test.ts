import { describe, expect, it } from 'vitest'
import { natIdleTimeoutReset } from '../../../src/rules/network/nat-idle-timeout-reset.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { node } from '../../incident/things.ts'
import { evaluate } from '../check.ts'
import { burst, logged, machine, rare, rareTogether, resetBy, web } from './logged.ts'

const OUTSIDE = resetBy('203.0.113.7:443')
const found = async (words: string, seconds: readonly number[], on: Thing = machine('m5.large'), level?: string) =>
  (await evaluate(natIdleTimeoutReset, { objects: [on, web], logs: logged(words, seconds, level) })).findings.map(
    ({ kind, strength, subject }) => `${kind} ${strength} ${subject.name}`,
  )

describe('nat-idle-timeout-reset', () => {
  it('suspects the gateway where calls to the outside are reset after long silences', async () => {
    expect(await found(OUTSIDE, rare)).toEqual(['cause weak web-1'])
    expect(await found(OUTSIDE, rareTogether)).toEqual(['cause weak web-1'])
  })

  it('is surer where the same log tells of work right after each of them, and not where it only tells of another try', async () => {
    const evidenceAfter = async (words: string) => {
      const lines = rare.flatMap((at) => [
        `${ago(at)} level=error msg="${OUTSIDE}"`,
        `${ago(at - 2)} level=info msg="${words}"`,
      ])
      const logs = { 'shop/web-1/app': `${lines.join('\n')}\n` }
      const { findings } = await evaluate(natIdleTimeoutReset, { objects: [machine('m5.large'), web], logs })
      return findings.map(({ strength, says }) => `${strength} ${says.includes('went well over a new connection')}`)
    }
    expect(await evidenceAfter('batch settled attempt=2')).toEqual(['strong true'])
    expect(await evidenceAfter('sending again in 2 s')).toEqual(['weak false'])
  })

  it('takes few of them, or mere warnings, for an ordinary day', async () => {
    expect(await found(OUTSIDE, rare.slice(1))).toEqual(['risk weak web-1'])
    expect(await found(OUTSIDE, rare, undefined, 'warn')).toEqual(['risk weak web-1'])
  })

  it.each([
    ['come in bursts', OUTSIDE, burst],
    ['stay within the VPC', resetBy('10.0.0.7:443'), rare],
    ['go to pods of a secondary range', resetBy('100.64.3.7:443'), rare],
    ['ended long ago', OUTSIDE, rare.map((at) => at + 7200)],
    ['also come without a silence', OUTSIDE, [...rare, 800, 700]],
  ])('is quiet where resets %s', async (_, words, seconds) => {
    expect(await found(words, seconds)).toEqual([])
  })

  it('is quiet elsewhere than on AWS', async () => {
    expect(await found(OUTSIDE, rare, node('node-1'))).toEqual([])
  })
})
