import { describe, expect, it } from 'vitest'
import { rolloutStuck } from '../../../src/rules/rollout/rollout-stuck.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, pod, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const stuck = {
  type: 'Progressing',
  status: 'False',
  reason: 'ProgressDeadlineExceeded',
  message: 'ReplicaSet "web-6c8f7d9b5" has timed out progressing.',
  lastTransitionTime: ago(120),
}
const web = (condition: object, spec = {}) =>
  workload('Deployment', 'shop/web', { spec, status: { updatedReplicas: 1, conditions: [condition] } }, 2)

describe('rollout-stuck', () => {
  it('says how far it got', async () => {
    const outcome = await evaluate(rolloutStuck, { objects: [web(stuck)] })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'mechanism', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('1 updated')
  })

  it('is quiet when it is paused, or gets on', async () => {
    expect((await evaluate(rolloutStuck, { objects: [web(stuck, { paused: true })] })).findings).toEqual([])
    expect(
      (await evaluate(rolloutStuck, { objects: [web({ ...stuck, status: 'True', reason: 'ReplicaSetUpdated' })] }))
        .findings,
    ).toEqual([])
  })

  it('is told of a StatefulSet by a pod of its new revision that has not come up for long', async () => {
    const member = (name: string, hash: string, options: object = {}) =>
      pod(`shop/${name}`, { owner: 'StatefulSet/db', labels: { 'controller-revision-hash': hash }, ...options })
    const findings = async (created: number) =>
      (
        await evaluate(rolloutStuck, {
          objects: [
            workload('StatefulSet', 'shop/db', { status: { currentRevision: 'db-1', updateRevision: 'db-2' } }, 2),
            member('db-0', 'db-1'),
            member('db-1', 'db-2', { created, ready: false, containers: [{ status: crashed() }] }),
          ],
        })
      ).findings
    expect((await findings(900))[0]).toMatchObject({ kind: 'mechanism', subject: { kind: 'StatefulSet', name: 'db' } })
    expect(await findings(300)).toEqual([])
  })

  describe('of revisions', () => {
    const member = (name: string, hash: string, sick = false) =>
      pod(`shop/${name}`, {
        owner: 'StatefulSet/db',
        labels: { 'controller-revision-hash': hash },
        ...(sick ? { ready: false, containers: [{ status: crashed() }] } : {}),
      })
    const db = (spec: object, status = { currentRevision: 'db-1', updateRevision: 'db-2' }) =>
      workload('StatefulSet', 'shop/db', { spec, status }, 2)
    const says = async (...objects: Parameters<typeof evaluate>[1]['objects'][number][]) =>
      (await evaluate(rolloutStuck, { objects })).findings.map((one) => one.says).join()

    it('leaves the pods below the partition to whoever set it', async () => {
      const partition = (number: number) => db({ updateStrategy: { rollingUpdate: { partition: number } } })
      expect(await says(partition(1), member('db-0', 'db-1'), member('db-1', 'db-2', true))).toBe('')
      expect(await says(partition(0), member('db-0', 'db-1'), member('db-1', 'db-2', true))).toContain('stands still')
    })

    it('says that nobody replaces a pod with OnDelete', async () => {
      const manual = db({ updateStrategy: { type: 'OnDelete' } })
      expect(await says(manual, member('db-0', 'db-1', true))).toContain('until somebody deletes it (OnDelete)')
      expect(await says(manual, member('db-0', 'db-1'), member('db-1', 'db-2', true))).toBe('')
    })
  })
})
