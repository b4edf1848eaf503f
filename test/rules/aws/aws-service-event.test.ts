import { describe, expect, it } from 'vitest'
import { awsServiceEvent } from '../../../src/rules/aws/aws-service-event.ts'
import { evaluate } from '../check.ts'

describe('aws-service-event', () => {
  it('says that only AWS Health can tell', async () => {
    const outcome = await evaluate(awsServiceEvent, { objects: [] })
    expect(outcome).toMatchObject({ status: 'not-evaluated', why: expect.stringContaining('aws-health') })
  })
})
