import { describe, expect, it } from 'vitest'
import { pidExhaustion } from '../../../src/rules/compute/pid-exhaustion.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, event, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const PRESSURE = {
  type: 'PIDPressure',
  status: 'True',
  reason: 'KubeletHasInsufficientPID',
  message: 'kubelet has insufficient PID available',
  lastTransitionTime: ago(300),
}
const log = { 'shop/web-1/app': `${ago(60)} runtime: failed to create new OS thread (have 1022 already; errno=11)\n` }

describe('pid-exhaustion', () => {
  it('names a node under pressure', async () => {
    const outcome = await evaluate(pidExhaustion, { objects: [node('node-1', { status: { conditions: [PRESSURE] } })] })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
    expect(outcome.findings[0]?.strength).toBe('proof')
  })

  it('names the workload that cannot start threads', async () => {
    const sick = pod('shop/web-1', { ready: false, containers: [{ status: crashed({ exitCode: 2 }) }] })
    const outcome = await evaluate(pidExhaustion, { objects: [node('node-1'), sick], logs: log })
    expect(outcome.findings).toMatchObject([{ kind: 'cause', subject: { name: 'web-1' } }])
  })

  it('calls the near limit of a healthy node a risk', async () => {
    const scarce = event('', 'Node/node-1', 'ApproachingKernelPidMax', 'Processes are 75% of kernel.pid_max')
    expect(
      (await evaluate(pidExhaustion, { objects: [node('node-1'), scarce] })).findings.map(({ kind }) => kind),
    ).toEqual(['risk'])
  })

  it('rejects a pressure that is over', async () => {
    const over = event(
      '',
      'Node/node-1',
      'NodeHasInsufficientPID',
      'Node node-1 status is now: NodeHasInsufficientPID',
      { last: 3000 },
    )
    expect((await evaluate(pidExhaustion, { objects: [node('node-1'), over] })).status).toBe('clear')
  })

  it('is quiet of a node that evicts for want of memory', async () => {
    const evicts = event('', 'Node/node-1', 'EvictionThresholdMet', 'Attempting to reclaim memory')
    const gone = pod('shop/web-1', {
      ready: false,
      status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory. ' },
    })
    expect(await evaluate(pidExhaustion, { objects: [node('node-1'), evicts, gone] })).toMatchObject({
      status: 'clear',
      rejections: [],
    })
  })
})
