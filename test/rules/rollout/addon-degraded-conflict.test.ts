import { describe, expect, it } from 'vitest'
import { addonDegradedConflict } from '../../../src/rules/rollout/addon-degraded-conflict.ts'
import { incidentOf, type Thing } from '../../incident/scene.ts'
import { event } from '../../incident/things.ts'

const conflict = (last: number) =>
  event('ack-system', 'Addon/coredns', 'Degraded', 'ConfigurationConflict: Conflicts found when trying to apply', {
    last,
  })

async function findingsOf(...objects: Thing[]) {
  return [...addonDegradedConflict.evaluate(await incidentOf({ objects }))]
}

describe('addon-degraded-conflict', () => {
  it('names each add-on once that is told to be degraded', async () => {
    expect(await findingsOf(conflict(60), conflict(120))).toMatchObject([
      { kind: 'cause', subject: { kind: 'Addon', name: 'coredns' } },
    ])
  })

  it('is quiet about one that was, hours ago', async () => {
    expect(await findingsOf(conflict(7200))).toEqual([])
  })
})
