import { describe, expect, it } from 'vitest'
import { ebsMultiAttach as rule } from '../../../src/rules/storage/ebs-multi-attach.ts'
import { ago } from '../../incident/scene.ts'
import { node, replicaSet, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { attachment, claim, notAttached, notPlaced, runs, unplaced, volume, waits } from './volumes.ts'

const EXCLUSIVE =
  'Multi-Attach error for volume "pv-1" Volume is already exclusively attached to one node and can\'t be attached to another'
const USED = 'Multi-Attach error for volume "pv-1" Volume is already used by pod(s) db-old'
const cluster = [node('node-1'), node('node-2'), claim(), volume(), attachment('node-2')]

describe('ebs-multi-attach: who holds it', () => {
  it.each([EXCLUSIVE, USED])('names the holder: %s', async (words) => {
    const outcome = await evaluate(rule, {
      objects: [...cluster, waits(), runs('db-old', 'node-2'), notAttached(words)],
    })
    expect(subjectsOf(outcome)).toEqual(['StatefulSet shop/db'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('db-old on node node-2')
  })

  it('says that a rolling update starts the new pod first', async () => {
    const deployment = workload('Deployment', 'shop/web', { spec: { strategy: { type: 'RollingUpdate' } } })
    const name = 'web-6b7c8d9f5-aaaaa'
    const objects = [
      ...cluster,
      deployment,
      replicaSet('shop/web-6b7c8d9f5', 'web', 2),
      waits({ name, owner: 'ReplicaSet/web-6b7c8d9f5' }),
      notAttached(EXCLUSIVE, name),
    ]
    const outcome = await evaluate(rule, { objects })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]?.says).toContain('RollingUpdate')
  })

  it('knows the words of the scheduler for ReadWriteOncePod', async () => {
    const words =
      '0/2 nodes are available: 1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode.'
    const outcome = await evaluate(rule, { objects: [...cluster, unplaced(), notPlaced(words)] })
    expect(outcome.findings).toHaveLength(1)
  })

  it('is quiet while the old pod ends within its grace, and not once that is over', async () => {
    const ends = (seconds: number) => runs('db-old', 'node-2', { deletionTimestamp: ago(seconds) })
    const of = (seconds: number) => ({ objects: [...cluster, waits(), ends(seconds), notAttached(USED)] })
    const passing = await evaluate(rule, of(-20))
    expect(passing.findings).toEqual([])
    expect(passing.rejections).toHaveLength(1)
    expect((await evaluate(rule, of(600))).findings).toHaveLength(1)
  })

  it('leaves what a dead node holds to the rule of dead nodes', async () => {
    const objects = [node('node-1'), claim(), volume(), attachment('node-9'), waits(), notAttached(EXCLUSIVE)]
    const outcome = await evaluate(rule, { objects })
    expect(outcome.findings).toEqual([])
    expect(outcome.rejections[0]?.says).toContain('node-9')
  })

  describe('where nobody says why the pod waits', () => {
    const mode = (accessMode: string) => [
      node('node-1'),
      node('node-2'),
      claim({ spec: { volumeName: 'pv-1', accessModes: [accessMode] } }),
      volume(),
      attachment('node-2'),
    ]

    it('tells it by the attachment and the pod that runs there', async () => {
      const { findings } = await evaluate(rule, {
        objects: [...mode('ReadWriteOnce'), waits(), runs('db-old', 'node-2')],
      })
      expect(findings).toMatchObject([{ kind: 'cause', strength: 'strong' }])
      expect(findings[0]?.says).toContain('db-old on node node-2 holds')
    })

    it.each([
      ['many nodes may have it', [...mode('ReadWriteMany'), waits(), runs('db-old', 'node-2')]],
      ['nobody runs with it there', [...mode('ReadWriteOnce'), waits()]],
      ['the pod has just come', [...mode('ReadWriteOnce'), waits({ created: 30 }), runs('db-old', 'node-2')]],
    ])('is quiet where %s', async (_, objects) => {
      expect((await evaluate(rule, { objects })).findings).toEqual([])
    })
  })

  it('is quiet about a pod that was refused hours ago and waits for something else', async () => {
    const objects = [...cluster, waits({ created: 9000 }), runs('db-old', 'node-2'), notAttached(USED, 'db-0', 7200)]
    expect(await evaluate(rule, { objects })).toMatchObject({ findings: [], rejections: [{ subject: { name: 'db' } }] })
  })
})
