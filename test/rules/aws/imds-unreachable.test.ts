import { describe, expect, it } from 'vitest'
import { imdsUnreachable } from '../../../src/rules/aws/imds-unreachable.ts'
import { evaluate } from '../check.ts'
import { driver, log } from './caller.ts'

const LINE = 'ERROR no EC2 IMDS role found, operation error ec2imds: GetMetadata, canceled, context deadline exceeded'

describe('imds-unreachable', () => {
  it('names the workload, and that its pods have a network of their own', async () => {
    const outcome = await evaluate(imdsUnreachable, { objects: [driver()], logs: log(LINE) })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
    expect(outcome.findings[0]?.says).toContain('hop limit')
  })

  it('is quiet of a program that is well', async () => {
    expect(await evaluate(imdsUnreachable, { objects: [driver(true)], logs: log(LINE) })).toMatchObject({
      status: 'clear',
      rejections: [{}],
    })
  })
})
