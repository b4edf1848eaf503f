import { describe, expect, it } from 'vitest'
import { findLacking } from '../../src/incident/lacking-pods.ts'
import { ago, incidentOf, type Thing } from './scene.ts'
import { event, pod, replicaSet, workload, wrote } from './things.ts'

const NONE = { replicas: 0, readyReplicas: 0, updatedReplicas: 0, availableReplicas: 0 }
const bare = (patch: Record<string, unknown> = {}) => workload('Deployment', 'shop/web', { status: NONE, ...patch }, 2)
const scaled = (seconds: number) =>
  bare({
    metadata: {
      managedFields: [wrote('kubectl', seconds, { 'f:spec': { 'f:replicas': {} } }, 'Update', 'scale')],
    },
  })
const told = (seconds: number): Thing[] => [
  bare(),
  replicaSet('shop/web-6c8f7d9b5', 'web', 1, { spec: { replicas: 2 }, status: { replicas: 0, readyReplicas: 0 } }),
  event('shop', 'Deployment/web', 'ScalingReplicaSet', 'Scaled up replica set web-6c8f7d9b5 to 2 from 0', {
    type: 'Normal',
    first: seconds,
    last: seconds,
  }),
]

/** Whether the one workload of a scene lacks pods. */
async function lacks(objects: readonly Thing[]): Promise<boolean> {
  return findLacking(await incidentOf({ objects })).length > 0
}

describe('a workload is without pods', () => {
  it.each([
    ['for long', [bare()]],
    ['since it was scaled up some minutes ago', [scaled(300)]],
    ['since its controller said so some minutes ago', told(300)],
    ['whose old pod, which nobody waits for, is on its way out', [bare(), leaving('ReplicaSet/web-6c8f7d9b5')]],
  ])('%s', async (_, objects) => {
    expect(await lacks(objects)).toBe(true)
  })
})

describe('a workload only gets its pods', () => {
  it.each([
    ['a moment after it was made', [bare({ metadata: { creationTimestamp: ago(30) } })]],
    ['a moment after it was scaled up', [scaled(30)]],
    ['a moment after its controller scaled it up', told(30)],
    [
      'when the old one is gone, as a StatefulSet',
      [workload('StatefulSet', 'shop/web', { status: NONE }), leaving('StatefulSet/web')],
    ],
    [
      'when the old one is gone, as its strategy says',
      [bare({ spec: { strategy: { type: 'Recreate' } } }), leaving('ReplicaSet/web-6c8f7d9b5')],
    ],
  ])('%s', async (_, objects) => {
    expect(await lacks(objects)).toBe(false)
  })
})

function leaving(owner: string): Thing {
  return pod('shop/web-0', { owner, metadata: { deletionTimestamp: ago(20) } })
}
