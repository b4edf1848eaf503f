import { describe, expect, it } from 'vitest'
import { saTokenExpiredClient } from '../../../src/rules/control-plane/sa-token-expired-client.ts'
import { ago } from '../../incident/scene.ts'
import { pod, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const PLACE = 'ops/operator-6c8f7d9b5-abcde'
const logs = {
  [`${PLACE}/app`]:
    '2026-02-01T11:58:00Z E0201 reflector.go:138] Failed to watch *v1.Pod: failed to list *v1.Pod: Unauthorized',
}
const old = (days: number) =>
  pod(PLACE, { owner: 'ReplicaSet/operator-6c8f7d9b5', created: days * 86_400, ready: false })

describe('sa-token-expired-client', () => {
  it('names the workload that is older than its token', async () => {
    const outcome = await evaluate(saTokenExpiredClient, { objects: [old(120)], logs })
    expect(subjectsOf(outcome)).toEqual(['Deployment ops/operator'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
  })

  it.each([
    ['was made anew while it ran', 600, 'fired'],
    ['is as old as it', 3 * 86_400 + 60, 'clear'],
  ])('judges a young one by whether its account %s', async (_, created, status) => {
    const account = thing('v1', 'ServiceAccount', 'ops/default', { metadata: { creationTimestamp: ago(created) } })
    const outcome = await evaluate(saTokenExpiredClient, { objects: [old(3), account], logs })
    expect(outcome.status).toBe(status)
    if (status === 'fired') expect(outcome.findings[0]?.says).toContain('made anew 10 min ago')
  })

  it('is quiet of a young one, with the reason', async () => {
    expect(await evaluate(saTokenExpiredClient, { objects: [old(3)], logs })).toMatchObject({
      status: 'clear',
      rejections: [{}],
    })
  })

  it('is quiet of an old one that was refused once and is well, and does not call it young', async () => {
    const well = pod(PLACE, { owner: 'ReplicaSet/operator-6c8f7d9b5', created: 120 * 86_400 })
    const outcome = await evaluate(saTokenExpiredClient, { objects: [well], logs })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [{}] })
    expect(outcome.rejections[0]?.says).not.toContain('younger')
  })
})
