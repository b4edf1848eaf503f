import { describe, expect, it } from 'vitest'
import type { Ref } from '../../src/incident/reference.ts'
import { timelineOf } from '../../src/incident/timeline.ts'
import { ago, incidentOf, NOW, type Scene } from './scene.ts'
import { crashed, event, node, pod, replicaSet, thing, workload, wrote } from './things.ts'

const web: Ref = { kind: 'Deployment', namespace: 'shop', name: 'web' }

async function told(scene: Scene, refs?: readonly Ref[]): Promise<string[]> {
  const entries = timelineOf(await incidentOf(scene), refs)
  return entries.map(({ at, about, says }) => `${(Date.parse(NOW) - at) / 1000}s ${about.name}: ${says}`)
}

describe('the timeline', () => {
  it('orders all that is dated about a workload', async () => {
    const name = 'web-6c8f7d9b5-abcde'
    const objects = [
      workload('Deployment', 'shop/web', { metadata: { managedFields: [wrote('helm', 500, { 'f:spec': {} })] } }),
      replicaSet('shop/web-6c8f7d9b5', 'web', 2, { metadata: { creationTimestamp: ago(499) } }),
      pod(`shop/${name}`, {
        owner: 'ReplicaSet/web-6c8f7d9b5',
        created: 498,
        ready: false,
        containers: [{ status: crashed({ at: 90 }) }],
      }),
      pod('shop/other-1', { ready: false }),
      event('shop', `Pod/${name}`, 'BackOff', 'Back-off restarting', { count: 7, first: 400, last: 30 }),
    ]
    const logs = { [`shop/${name}/app`]: `${ago(95)} level=error msg="boom"\n` }
    const lines = await told({ objects, logs }, [web])
    expect(lines.filter((line) => !line.includes('became'))).toEqual([
      '604800s web: It was created.',
      '500s web: helm wrote spec.',
      '499s web-6c8f7d9b5: It was created.',
      '499s web: Deployment shop/web got revision 2, web-6c8f7d9b5.',
      `498s ${name}: It was created.`,
      `400s ${name}: BackOff (first of 7): Back-off restarting`,
      `95s ${name}: It was started.`,
      `95s ${name}: It logged: level=error msg="boom"`,
      `90s ${name}: It ended (Error, exit code 1).`,
      '60s capture: The capture began.',
      `30s ${name}: BackOff (last of 7): Back-off restarting`,
      '0s capture: The capture ended.',
    ])
  })

  it('corrects the times of a node whose clock is wrong', async () => {
    const lease = thing('coordination.k8s.io/v1', 'Lease', 'kube-node-lease/node-1', {
      metadata: { managedFields: [wrote('kubelet', 30, { 'f:spec': { 'f:renewTime': {} } })] },
      spec: { renewTime: ago(-90).replace('Z', '.000000Z') },
    })
    const sick = pod('shop/web-1', { ready: false, containers: [{ status: crashed({ at: 40 }) }] })
    const incident = await incidentOf({ objects: [node('node-1'), lease, sick] })
    const ended = timelineOf(incident, [{ kind: 'Pod', namespace: 'shop', name: 'web-1' }])
    const found = ended.find(({ says }) => says.startsWith('It ended'))
    expect(found?.at).toBe(Date.parse(ago(160)))
    expect(found?.uncertainty).toBeGreaterThan(1000)
  })
})
