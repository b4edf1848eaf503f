import { describe, expect, it } from 'vitest'
import { rolloutStuck } from '../../../src/rules/rollout/rollout-stuck.ts'
import { ago } from '../../incident/scene.ts'
import { workload } from '../../incident/things.ts'
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
})
