import { describe, expect, it } from 'vitest'
import { controlPlaneUpgradeBlocked } from '../../../src/rules/rollout/control-plane-upgrade-blocked.ts'
import { incidentOf, type Thing } from '../../incident/scene.ts'
import { event } from '../../incident/things.ts'

const issue = (last: number) =>
  event('ack-system', 'Cluster/shop', 'HealthIssue', 'SUBNET_NOT_FOUND: We could not find one or more subnets', {
    last,
  })

async function findingsOf(...objects: Thing[]) {
  return [...controlPlaneUpgradeBlocked.evaluate(await incidentOf({ objects }))]
}

describe('control-plane-upgrade-blocked', () => {
  it('says what stands in the way of an upgrade', async () => {
    expect(await findingsOf(issue(60))).toMatchObject([
      { kind: 'cause', says: expect.stringContaining('SUBNET_NOT_FOUND') },
    ])
  })

  it('is quiet about what stood in the way hours ago', async () => {
    expect(await findingsOf(issue(7200))).toEqual([])
  })
})
