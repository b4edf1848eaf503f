import { describe, expect, it } from 'vitest'
import { removedApiUsed } from '../../../src/rules/rollout/removed-api-used.ts'
import type { Thing } from '../../incident/scene.ts'
import { crashed, pod, replicaSet } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const operator = pod('ops/operator-6c8f7d9b5-abcde', {
  owner: 'ReplicaSet/operator-6c8f7d9b5',
  ready: false,
  containers: [{ status: crashed() }],
})
const objects = [operator, replicaSet('ops/operator-6c8f7d9b5', 'operator', 1)]
const logs = (line: string) => ({ 'ops/operator-6c8f7d9b5-abcde/app': `2026-02-01T11:59:30.000000000Z ${line}\n` })

describe('removed-api-used', () => {
  it('names who asks for what is gone', async () => {
    const line =
      'E0201 11:59:30.123456       1 controller.go:42] no matches for kind "PodDisruptionBudget" in version "policy/v1beta1"'
    const outcome = await evaluate(removedApiUsed, { objects, logs: logs(line) })
    expect(subjectsOf(outcome)).toEqual(['Deployment ops/operator'])
    expect(outcome.findings[0]?.says).toContain('policy/v1beta1')
  })

  it('is quiet when it is forbidden', async () => {
    const line =
      'E0201 11:59:30.123456       1 controller.go:42] poddisruptionbudgets.policy is forbidden: User "x" cannot list resource "poddisruptionbudgets"'
    expect((await evaluate(removedApiUsed, { objects, logs: logs(line) })).findings).toEqual([])
  })

  it('is only a risk where the one who asks is well', async () => {
    const line =
      'E0201 11:59:30.123456       1 main.go:1] no matches for kind "HTTPRoute" in version "gateway.networking.k8s.io/v1"'
    const well = pod('ops/operator-6c8f7d9b5-abcde', { owner: 'ReplicaSet/operator-6c8f7d9b5' })
    const outcome = await evaluate(removedApiUsed, { objects: [well, objects[1] as Thing], logs: logs(line) })
    expect(outcome.findings.map(({ kind }) => kind)).toEqual(['risk'])
  })

  it('rejects who was told so hours ago and is well', async () => {
    const well = pod('ops/operator-6c8f7d9b5-abcde', { owner: 'ReplicaSet/operator-6c8f7d9b5' })
    const line = 'no matches for kind "PodDisruptionBudget" in version "policy/v1beta1"'
    const outcome = await evaluate(removedApiUsed, {
      objects: [well, objects[1] as Thing],
      logs: {
        'ops/operator-6c8f7d9b5-abcde/app': `2026-02-01T09:00:00.000000000Z E0201 09:00:00.0 1 x.go:1] ${line}\n`,
      },
    })
    expect(outcome).toMatchObject({ findings: [], rejections: [{ subject: { name: 'operator' } }] })
  })
})
