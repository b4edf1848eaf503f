import { describe, expect, it } from 'vitest'
import { pvFull } from '../../../src/rules/storage/pv-full.ts'
import { podUsage, summary } from '../../incident/kubelet-answers.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, node, pod, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const GI = 1024 ** 3
const mounted = (ready: boolean) =>
  pod('shop/db-0', {
    ready,
    containers: [
      { spec: { volumeMounts: [{ name: 'data', mountPath: '/var/lib/db' }] }, ...(ready ? {} : { status: crashed() }) },
    ],
    spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } }] },
  })
const claim = thing('v1', 'PersistentVolumeClaim', 'shop/data-db-0', {
  status: { phase: 'Bound', capacity: { storage: '10Gi' } },
})
const logs = {
  'shop/db-0/app.previous': `${ago(62)} FATAL: could not write to file "/var/lib/db/wal/0001": No space left on device\n`,
}
const left = (gigabytes: number, inodes: Record<string, number> = {}) =>
  summary('node-1', {}, [
    podUsage('shop/db-0', {
      volume: [
        {
          name: 'data',
          pvcRef: { name: 'data-db-0', namespace: 'shop' },
          capacityBytes: 10 * GI,
          availableBytes: gigabytes * GI,
          ...inodes,
        },
      ],
    }),
  ])

describe('a volume that the kubelet measured', () => {
  it('proves that it is full, of bytes or of inodes', async () => {
    for (const files of [left(0.01), left(5, { inodes: 1000, inodesFree: 0 })]) {
      const outcome = await evaluate(pvFull, { objects: [node('node-1'), claim, mounted(false)], logs, files })
      expect(outcome.findings).toMatchObject([{ kind: 'cause', strength: 'proof', missing: [] }])
    }
  })

  it('rejects what has room, whatever the program says', async () => {
    const outcome = await evaluate(pvFull, {
      objects: [node('node-1'), claim, mounted(false)],
      logs,
      files: left(6, { inodes: 0, inodesFree: 0 }),
    })
    expect([outcome.status, outcome.rejections[0]?.says]).toEqual([
      'clear',
      expect.stringContaining('6Gi of 10Gi are free'),
    ])
  })

  it('is a risk where it is nearly full and nobody complains', async () => {
    const outcome = await evaluate(pvFull, { objects: [node('node-1'), claim, mounted(true)], files: left(0.2) })
    expect(subjectsOf(outcome)).toEqual(['PersistentVolumeClaim shop/data-db-0'])
    expect(outcome.findings).toMatchObject([{ kind: 'risk' }])
    expect((await evaluate(pvFull, { objects: [node('node-1'), claim, mounted(true)], files: left(2) })).status).toBe(
      'clear',
    )
  })
})
