import { describe, expect, it } from 'vitest'
import { nodeAgentReportedFault } from '../../../src/rules/node/node-agent-reported-fault.ts'
import { ago } from '../../incident/scene.ts'
import { event, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

function says(type: string, status: string, reason: string) {
  return node('node-1', {
    status: { conditions: [{ type, status, reason, message: `${reason} on node-1`, lastTransitionTime: ago(600) }] },
  })
}

describe('node-agent-reported-fault', () => {
  it.each([
    ['NetworkingReady', 'False', 'NPANotRunning'],
    ['StorageReady', 'False', 'SomethingNew'],
    ['FilesystemCorruptionProblem', 'True', 'FilesystemIsCorrupt'],
  ])('reports %s=%s', async (type, status, reason) => {
    expect(subjectsOf(await evaluate(nodeAgentReportedFault, { objects: [says(type, status, reason)] }))).toEqual([
      'Node node-1',
    ])
  })

  it.each([
    ['NetworkingReady', 'True', 'NetworkingIsReady'],
    ['KernelReady', 'True', 'KernelIsReady'],
    ['FilesystemCorruptionProblem', 'False', 'FilesystemIsOK'],
    ['EtcdIsVoter', 'True', 'MemberNotLearner'],
    ['VMEventScheduled', 'True', 'Something'],
    ['KernelReady', 'False', 'ForkFailedOutOfPIDs'],
  ])('is quiet about %s=%s (%s)', async (type, status, reason) => {
    expect((await evaluate(nodeAgentReportedFault, { objects: [says(type, status, reason)] })).status).toBe('clear')
  })

  it('calls remarks of an agent a risk, whatever suffers', async () => {
    const remark = event('', 'Node/node-1', 'LargeEnvironment', 'Process has 1200 environment variables')
    const outcome = await evaluate(nodeAgentReportedFault, {
      objects: [node('node-1'), remark, pod('shop/web-1', { ready: false })],
    })
    expect(outcome.findings.map(({ kind }) => kind)).toEqual(['risk'])
  })
})
