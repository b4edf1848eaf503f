import { describe, expect, it } from 'vitest'
import { nodeSystemOom } from '../../../src/rules/compute/node-system-oom.ts'
import { crashed, event, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const OOM = event('', 'Node/node-1', 'SystemOOM', 'System OOM encountered, victim process: java, pid: 4711', {
  last: 1800,
})
const victim = pod('shop/web-1', { containers: [{ status: crashed({ reason: 'OOMKilled', exitCode: 137 }) }] })

describe('node-system-oom', () => {
  it('names the node and the victim', async () => {
    const outcome = await evaluate(nodeSystemOom, { objects: [node('node-1'), OOM, victim] })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
    expect(outcome.findings[0]?.says).toContain('java')
  })

  it('sees it in containers that no limit could have killed', async () => {
    const outcome = await evaluate(nodeSystemOom, { objects: [node('node-1'), victim] })
    expect(outcome.findings[0]).toMatchObject({ strength: 'strong', subject: { name: 'node-1' } })
  })

  it('rejects one that is over, and is quiet about a container with a limit', async () => {
    const over = await evaluate(nodeSystemOom, { objects: [node('node-1'), OOM, pod('shop/web-1')] })
    expect([over.status, over.rejections.length]).toEqual(['clear', 1])
    const limited = pod('shop/web-1', {
      containers: [
        {
          spec: { resources: { limits: { memory: '64Mi' } } },
          status: crashed({ reason: 'OOMKilled', exitCode: 137 }),
        },
      ],
    })
    expect((await evaluate(nodeSystemOom, { objects: [node('node-1'), limited] })).status).toBe('clear')
  })

  it('is not over while the kernel still kills, or while the node is not ready', async () => {
    const now = event('', 'Node/node-1', 'SystemOOM', 'System OOM encountered, victim process: java, pid: 4711')
    const silent = node('node-1', { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } })
    for (const objects of [
      [node('node-1'), now],
      [silent, OOM],
    ])
      expect(subjectsOf(await evaluate(nodeSystemOom, { objects }))).toEqual(['Node node-1'])
  })

  it('is a risk while the node is ready and nobody on it suffers, and the cause where somebody does', async () => {
    const now = event('', 'Node/node-1', 'SystemOOM', 'System OOM encountered, victim process: java, pid: 4711')
    const kindOf = async (beside: typeof victim) =>
      (await evaluate(nodeSystemOom, { objects: [node('node-1'), now, beside] })).findings[0]?.kind
    expect([await kindOf(pod('shop/web-1')), await kindOf(victim)]).toEqual(['risk', 'cause'])
  })
})
