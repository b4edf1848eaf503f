import { describe, expect, it } from 'vitest'
import { crashRestartErasedLogs } from '../../../src/rules/healing/crash-restart-erased-logs.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const NAME = 'shop/web-6c8f7d9b5-x7k2p'
const sick = (restarts: number) =>
  pod(NAME, { owner: 'ReplicaSet/web-6c8f7d9b5', ready: false, containers: [{ status: crashed({ restarts }) }] })

describe('crash-restart-erased-logs', () => {
  it('says which log is left', async () => {
    const logs = { [`${NAME}/app.previous`]: `${ago(61)} bye\n` }
    const outcome = await evaluate(crashRestartErasedLogs, { objects: [sick(7)], logs })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'evidence-loss' })
    expect(outcome.findings[0]?.says).toContain('only the log of the last end is left')
  })

  it('is quiet while every log is still there, and about restarts of long ago', async () => {
    const calm = pod(NAME, { containers: [{ status: { restartCount: 9 } }] })
    for (const objects of [[sick(1)], [calm]])
      expect((await evaluate(crashRestartErasedLogs, { objects })).status).toBe('clear')
  })
})
