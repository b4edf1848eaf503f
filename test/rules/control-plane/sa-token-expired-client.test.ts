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

  const refused = (line: string, times: number) => ({
    [`${PLACE}/app`]: Array.from({ length: times }, (_, index) => `${ago(10 + 60 * (times - index))} ${line}\n`).join(
      '',
    ),
  })
  const lists = 'E0201 reflector.go:147] Failed to watch *v1.Pod: failed to list *v1.Pod: Unauthorized'
  const aged = (seconds: number) => pod(PLACE, { owner: 'ReplicaSet/operator-6c8f7d9b5', created: seconds })

  it('suggests it of a program of two hours that the API server refuses again and again', async () => {
    const outcome = await evaluate(saTokenExpiredClient, { objects: [aged(7300)], logs: refused(lists, 30) })
    expect(subjectsOf(outcome)).toEqual(['Deployment ops/operator'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong', against: [{}] })
    expect(outcome.findings[0]?.says).toContain('30 times')
    const sick = pod(PLACE, { owner: 'ReplicaSet/operator-6c8f7d9b5', created: 7300, ready: false })
    const unready = await evaluate(saTokenExpiredClient, { objects: [sick], logs: refused(lists, 30) })
    expect(unready.findings[0]).toMatchObject({ strength: 'weak' })
  })

  it('does not of a young one, of a few refusals, and of those of somebody else', async () => {
    for (const [seconds, line, times] of [
      [1800, lists, 30],
      [7300, lists, 5],
      [7300, 'ERROR billing answers: Unauthorized', 30],
    ] as const)
      expect(
        (await evaluate(saTokenExpiredClient, { objects: [aged(seconds)], logs: refused(line, times) })).findings,
      ).toEqual([])
  })
})
