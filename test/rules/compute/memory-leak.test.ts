import { describe, expect, it } from 'vitest'
import { memoryLeak } from '../../../src/rules/compute/memory-leak.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const LIMITED = { resources: { limits: { memory: '64Mi' } } }

function killedAfter(run: number, restartCount: number) {
  const terminated = { reason: 'OOMKilled', exitCode: 137, startedAt: ago(600 + run), finishedAt: ago(600) }
  return pod('shop/web-6c8f7d9b5-abcde', {
    owner: 'ReplicaSet/web-6c8f7d9b5',
    created: 36_000,
    containers: [{ spec: LIMITED, status: { restartCount, lastState: { terminated } } }],
  })
}

describe('memory-leak', () => {
  it('suggests a leak when every run is as long as the last', async () => {
    const outcome = await evaluate(memoryLeak, { objects: [killedAfter(7200, 4)] })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ strength: 'weak' })
  })

  it('rejects a container that dies within a minute of its start', async () => {
    const outcome = await evaluate(memoryLeak, { objects: [killedAfter(60, 20)] })
    expect([outcome.status, outcome.rejections.length]).toEqual(['clear', 1])
  })

  it('believes a runtime that says that its heap is full', async () => {
    const objects = [
      pod('shop/web-6c8f7d9b5-abcde', {
        owner: 'ReplicaSet/web-6c8f7d9b5',
        ready: false,
        containers: [{ status: crashed() }],
      }),
    ]
    const logs = { 'shop/web-6c8f7d9b5-abcde/app': `${ago(90)} ERROR java.lang.OutOfMemoryError: Java heap space\n` }
    const outcome = await evaluate(memoryLeak, { objects, logs })
    expect(outcome.findings[0]?.says).toContain('java.lang.OutOfMemoryError')
  })
})
