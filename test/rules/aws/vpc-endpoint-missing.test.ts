import { describe, expect, it } from 'vitest'
import { vpcEndpointMissing } from '../../../src/rules/aws/vpc-endpoint-missing.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { driver, log } from './caller.ts'

const LINE = 'ERROR Post "https://sts.eu-west-1.amazonaws.com/": dial tcp 10.0.0.9:443: i/o timeout'

describe('vpc-endpoint-missing', () => {
  it('suggests that the way is missing, and what would prove it', async () => {
    const outcome = await evaluate(vpcEndpointMissing, { objects: [driver()], logs: log(LINE) })
    expect(subjectsOf(outcome)).toEqual(['Deployment ops/driver'])
    expect(outcome.findings[0]).toMatchObject({ strength: 'weak', missing: [expect.stringContaining('aws-ec2')] })
  })

  it('is quiet where AWS answers, and of a program that is well', async () => {
    const denied =
      'ERROR Post "https://sts.eu-west-1.amazonaws.com/": api error AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity'
    expect((await evaluate(vpcEndpointMissing, { objects: [driver()], logs: log(denied) })).status).toBe('clear')
    expect((await evaluate(vpcEndpointMissing, { objects: [driver(true)], logs: log(LINE) })).findings).toEqual([])
  })
})
