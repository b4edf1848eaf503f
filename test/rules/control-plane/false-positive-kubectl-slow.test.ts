import { describe, expect, it } from 'vitest'
import { falsePositiveKubectlSlow } from '../../../src/rules/control-plane/false-positive-kubectl-slow.ts'
import { pod } from '../../incident/things.ts'
import { evaluate } from '../check.ts'

describe('false-positive-kubectl-slow', () => {
  it('answers why it is not the API server', async () => {
    const logs = {
      'ops/tool/app':
        '2026-02-01T11:58:00Z W0201 Waited for 1.2s due to client-side throttling, not priority and fairness, request: GET:https://10.96.0.1:443/api',
    }
    expect(await evaluate(falsePositiveKubectlSlow, { objects: [pod('ops/tool')], logs })).toMatchObject({
      status: 'clear',
      rejections: [{}],
    })
    expect(await evaluate(falsePositiveKubectlSlow, { objects: [pod('ops/tool')] })).toMatchObject({ rejections: [] })
  })
})
