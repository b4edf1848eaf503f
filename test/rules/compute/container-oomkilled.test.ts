import { describe, expect, it } from 'vitest'
import { containerOomkilled } from '../../../src/rules/compute/container-oomkilled.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, pod, replicaSet } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const LIMITED = { resources: { limits: { memory: '64Mi' } } }

function web(status: object, spec: object = LIMITED) {
  return pod('shop/web-6c8f7d9b5-abcde', {
    owner: 'ReplicaSet/web-6c8f7d9b5',
    containers: [{ spec: spec as never, status: status as never }],
  })
}

describe('container-oomkilled', () => {
  it('names the workload and the limit that its container reached', async () => {
    const outcome = await evaluate(containerOomkilled, {
      objects: [web(crashed({ reason: 'OOMKilled', exitCode: 137 }))],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof', from: Date.parse(ago(60)) })
    expect(outcome.findings[0]?.says).toContain('memory limit of 64Mi')
  })

  it('says that a rollout lowered the limit', async () => {
    const generation = (name: string, revision: number, memory: string) =>
      replicaSet(`shop/${name}`, 'web', revision, {
        spec: { template: { spec: { containers: [{ name: 'app', resources: { limits: { memory } } }] } } },
      })
    const outcome = await evaluate(containerOomkilled, {
      objects: [
        generation('web-5d5d5d5d5', 1, '512Mi'),
        generation('web-6c8f7d9b5', 2, '64Mi'),
        web(crashed({ reason: 'OOMKilled', exitCode: 137 })),
      ],
    })
    expect(outcome.findings[0]?.says).toContain('changed the limit from 512Mi to 64Mi')
  })

  it('is quiet about a kill of days ago', async () => {
    const old = { restartCount: 1, lastState: crashed({ reason: 'OOMKilled', exitCode: 137, at: 90_000 }).lastState }
    expect((await evaluate(containerOomkilled, { objects: [web(old)] })).status).toBe('clear')
  })

  it('rejects exit code 137 with another reason, and a container without a limit', async () => {
    const killed = await evaluate(containerOomkilled, { objects: [web(crashed({ reason: 'Error', exitCode: 137 }))] })
    expect([killed.status, killed.rejections.length]).toEqual(['clear', 1])
    const unlimited = await evaluate(containerOomkilled, {
      objects: [web(crashed({ reason: 'OOMKilled', exitCode: 137 }), {})],
    })
    expect([unlimited.status, unlimited.rejections[0]?.says]).toEqual([
      'clear',
      'app was OOMKilled and has no memory limit: its node was full.',
    ])
  })
})
