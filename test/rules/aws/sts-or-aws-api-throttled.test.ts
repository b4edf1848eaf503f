import { describe, expect, it } from 'vitest'
import { stsOrAwsApiThrottled } from '../../../src/rules/aws/sts-or-aws-api-throttled.ts'
import { event, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { driver, log } from './caller.ts'

const LINE = 'ERROR api error RequestLimitExceeded: Request limit exceeded.'
const other = pod('ops/scaler-6c8f7d9b5-abcde', { owner: 'ReplicaSet/scaler-6c8f7d9b5', ready: false })

describe('sts-or-aws-api-throttled', () => {
  it('is strong where several are throttled, and weak where one is', async () => {
    const two = { ...log(LINE), 'ops/scaler-6c8f7d9b5-abcde/app': `2026-02-01T11:58:00Z ${LINE}` }
    const outcome = await evaluate(stsOrAwsApiThrottled, { objects: [driver(), other], logs: two })
    expect(subjectsOf(outcome)).toEqual(['Cluster cluster'])
    expect(outcome.findings[0]).toMatchObject({ strength: 'strong' })
    expect((await evaluate(stsOrAwsApiThrottled, { objects: [driver()], logs: log(LINE) })).findings[0]).toMatchObject({
      strength: 'weak',
    })
  })

  it('is quiet of programs that were throttled and do their work all the same', async () => {
    expect(await evaluate(stsOrAwsApiThrottled, { objects: [driver(true)], logs: log(LINE) })).toMatchObject({
      status: 'clear',
      rejections: [{}],
    })
  })

  it('is quiet of what other programs call throttling, and of what is over', async () => {
    expect(
      (await evaluate(stsOrAwsApiThrottled, { objects: [driver()], logs: log('ERROR Rate exceeded for tenant 7') }))
        .status,
    ).toBe('clear')
    const old = event('ops', 'Pod/driver-6c8f7d9b5-abcde', 'Failed', LINE, { last: 3000 })
    expect((await evaluate(stsOrAwsApiThrottled, { objects: [driver(true), old] })).status).toBe('clear')
  })
})
