import { describe, expect, it } from 'vitest'
import { irsaDenied } from '../../../src/rules/aws/irsa-denied.ts'
import { thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { driver, log } from './caller.ts'

const TRUST =
  'ERROR operation error STS: AssumeRoleWithWebIdentity, https response error StatusCode: 403, api error AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity'
const NODE =
  'ERROR api error AccessDenied: User: arn:aws:sts::111122223333:assumed-role/node-role/i-0123456789abcdef0 is not authorized to perform: s3:GetObject on resource: x'

describe('irsa-denied', () => {
  it('names the workload whose role does not trust it', async () => {
    const outcome = await evaluate(irsaDenied, { objects: [driver()], logs: log(TRUST) })
    expect(subjectsOf(outcome)).toEqual(['Deployment ops/driver'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('does not trust this service account')
  })

  it('sees why a pod asks with the role of its node', async () => {
    const account = (annotations: Record<string, string>) =>
      thing('v1', 'ServiceAccount', 'ops/driver', { metadata: { annotations } })
    const bare = await evaluate(irsaDenied, { objects: [driver(), account({})], logs: log(NODE) })
    expect(bare.findings[0]?.says).toContain('its account driver names no role')
    const late = await evaluate(irsaDenied, {
      objects: [driver(), account({ 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/x' })],
      logs: log(NODE),
    })
    expect(late.findings[0]?.says).toContain('the pod was created without it')
  })

  it('is quiet of one refusal of a program that is well, and of a refusal of another kind', async () => {
    expect(await evaluate(irsaDenied, { objects: [driver(true)], logs: log(TRUST) })).toMatchObject({
      status: 'clear',
      rejections: [{}],
    })
    expect(
      (
        await evaluate(irsaDenied, {
          objects: [driver()],
          logs: log('ERROR java.nio.file.AccessDeniedException: /data AccessDenied'),
        })
      ).status,
    ).toBe('clear')
  })
})
