import { describe, expect, it } from 'vitest'
import { quotaOrLimitrangeExceeded } from '../../../src/rules/workload/quota-or-limitrange-exceeded.ts'
import { event, pod, replicaSet, thing, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const SET = 'ReplicaSet/web-6c8f7d9b5'
const QUOTA =
  'Error creating: pods "web-6c8f7d9b5-abcde" is forbidden: exceeded quota: team, requested: requests.cpu=500m, used: requests.cpu=4, limited: requests.cpu=4'
const quota = thing('v1', 'ResourceQuota', 'shop/team', {
  status: { hard: { 'requests.cpu': '4' }, used: { 'requests.cpu': '4' } },
})
const set = replicaSet('shop/web-6c8f7d9b5', 'web', 1)
const objects = (said: string, replicas = 2) => [
  workload('Deployment', 'shop/web', {}, replicas),
  set,
  quota,
  event('shop', SET, 'FailedCreate', said),
]

describe('quota-or-limitrange-exceeded', () => {
  it('names the quota and whom it stops', async () => {
    const outcome = await evaluate(quotaOrLimitrangeExceeded, { objects: objects(QUOTA) })
    expect(subjectsOf(outcome)).toEqual(['ResourceQuota shop/team'])
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
  })

  it('names the workload that is outside a limit range', async () => {
    const said =
      'Error creating: pods "web-6c8f7d9b5-abcde" is forbidden: maximum cpu usage per Container is 1, but limit is 2'
    expect(subjectsOf(await evaluate(quotaOrLimitrangeExceeded, { objects: objects(said) }))).toEqual([
      'Deployment shop/web',
    ])
  })

  it('is quiet where the pods are there now', async () => {
    const scene = { objects: [...objects(QUOTA, 1), pod('shop/web-6c8f7d9b5-abcde', { owner: SET })] }
    expect((await evaluate(quotaOrLimitrangeExceeded, scene)).status).toBe('clear')
  })
})
