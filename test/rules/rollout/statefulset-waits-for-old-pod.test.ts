import { expect, it } from 'vitest'
import { statefulsetWaitsForOldPod } from '../../../src/rules/rollout/statefulset-waits-for-old-pod.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { crashed, pod, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

/** A member that is well, or was not since so many seconds. */
const member = (name: string, hash: string, unready?: number) =>
  pod(`shop/${name}`, {
    owner: 'StatefulSet/db',
    created: 900,
    labels: { 'controller-revision-hash': hash },
    ...(unready === undefined
      ? {}
      : {
          ready: false,
          containers: [{ status: crashed() }],
          status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(unready) }] },
        }),
  })
const db = (currentRevision: string, updateRevision: string, spec: object = {}) =>
  workload('StatefulSet', 'shop/db', { spec, status: { currentRevision, updateRevision } }, 2)
const upTo = (partition: number) => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition } } })
const found = (...objects: Thing[]) => evaluate(statefulsetWaitsForOldPod, { objects })

it('says that a StatefulSet waits for a broken pod of a template that was taken back', async () => {
  const outcome = await found(db('db-1', 'db-1'), member('db-0', 'db-1'), member('db-1', 'db-2', 900))
  expect(subjectsOf(outcome)).toEqual(['StatefulSet shop/db'])
  expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
  expect(outcome.findings[0]?.says).toContain('waits for db-1 of a revision that it no longer wants')
})

it('says so of a template that was broken from the start and is mended', async () => {
  expect(subjectsOf(await found(db('db-1', 'db-2'), member('db-0', 'db-1', 900)))).toEqual(['StatefulSet shop/db'])
})

it('says so of one at or above the partition, and below it of a revision that is neither wanted nor kept', async () => {
  expect(subjectsOf(await found(db('db-1', 'db-2', upTo(1)), member('db-1', 'db-1', 900)))).toHaveLength(1)
  expect(subjectsOf(await found(db('db-2', 'db-3', upTo(1)), member('db-0', 'db-1', 900)))).toHaveLength(1)
})

it.each([
  ['pods are replaced at once', [db('db-1', 'db-1', { podManagementPolicy: 'Parallel' }), member('db-1', 'db-2', 900)]],
  ['nobody replaces pods', [db('db-1', 'db-1', { updateStrategy: { type: 'OnDelete' } }), member('db-1', 'db-2', 900)]],
  [
    'the broken pod is kept by the partition',
    [db('db-1', 'db-2', upTo(1)), member('db-0', 'db-1', 900), member('db-1', 'db-2')],
  ],
  ['the broken pod has the template of now', [db('db-1', 'db-2'), member('db-0', 'db-1'), member('db-1', 'db-2', 900)]],
  ['the pod served before the rollout came to it', [db('db-1', 'db-2'), member('db-0', 'db-1', 300)]],
  ['others of its revision serve', [db('db-1', 'db-2'), member('db-0', 'db-1', 900), member('db-1', 'db-1')]],
  ['all is well', [db('db-1', 'db-2'), member('db-0', 'db-1'), member('db-1', 'db-2')]],
])('is quiet where %s', async (_, objects) => {
  expect((await found(...objects)).findings).toEqual([])
})
