import { describe, expect, it } from 'vitest'
import { pvcResizeStuck as rule } from '../../../src/rules/storage/pvc-resize-stuck.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { claim, runs } from './volumes.ts'

const grows = (type: string, since: number) =>
  claim({
    spec: { volumeName: 'pv-1', resources: { requests: { storage: '20Gi' } } },
    status: {
      phase: 'Bound',
      capacity: { storage: '10Gi' },
      conditions: [{ type, status: 'True', lastTransitionTime: ago(since) }],
    },
  })

describe('pvc-resize-stuck: what waits for a pod', () => {
  it('names a file system that does not grow: a risk, and a cause where its pod suffers', async () => {
    const pending = grows('FileSystemResizePending', 1800)
    const outcome = await evaluate(rule, { objects: [pending, runs()] })
    expect(subjectsOf(outcome)).toEqual(['PersistentVolumeClaim shop/data-db-0'])
    expect(outcome.findings[0]?.kind).toBe('risk')
    const sick = pod('shop/db-0', {
      owner: 'StatefulSet/db',
      ready: false,
      spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } }] },
      containers: [{ status: crashed() }],
    })
    expect((await evaluate(rule, { objects: [pending, sick] })).findings[0]).toMatchObject({
      kind: 'cause',
      affects: [{ name: 'db-0' }],
    })
  })

  it('gives it a few minutes', async () => {
    const outcome = await evaluate(rule, { objects: [grows('Resizing', 60), runs()] })
    expect(outcome.findings).toEqual([])
    expect(outcome.rejections).toHaveLength(1)
  })
})
