import { describe, expect, it } from 'vitest'
import { podIdentityAgentFailing } from '../../../src/rules/aws/pod-identity-agent-failing.ts'
import { evaluate } from '../check.ts'
import { driver, log } from './caller.ts'

const LINE =
  'ERROR failed to load credentials, Get "http://169.254.170.23/v1/credentials": dial tcp 169.254.170.23:80: connect: connection refused'

describe('pod-identity-agent-failing', () => {
  it('names the workload that gets no credentials', async () => {
    const outcome = await evaluate(podIdentityAgentFailing, { objects: [driver()], logs: log(LINE) })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong', subject: { name: 'driver' } })
    expect(outcome.findings[0]?.says).toContain('does not run on its node')
  })

  it('is quiet of a program that is well', async () => {
    expect(await evaluate(podIdentityAgentFailing, { objects: [driver(true)], logs: log(LINE) })).toMatchObject({
      status: 'clear',
      rejections: [{}],
    })
  })
})
