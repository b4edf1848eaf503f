import { describe, expect, it } from 'vitest'
import { containerRuntimeDown } from '../../../src/rules/node/container-runtime-down.ts'
import { plegUnhealthy } from '../../../src/rules/node/pleg-unhealthy.ts'
import { kubeletMetrics } from '../../incident/kubelet-answers.ts'
import { ago } from '../../incident/scene.ts'
import { node, pod } from '../../incident/things.ts'
import { evaluate } from '../check.ts'

const relists = (seconds: number, number: number) => [
  `kubelet_pleg_relist_duration_seconds_sum ${seconds}`,
  `kubelet_pleg_relist_duration_seconds_count ${number}`,
]

describe('relists that the kubelet timed', () => {
  const judge = (...samples: string[][]) =>
    evaluate(plegUnhealthy, { objects: [node('node-1')], files: kubeletMetrics('node-1', ...samples) })

  it('are a risk where they take very long', async () => {
    const outcome = await judge(relists(100, 5000), relists(124, 5002))
    expect(outcome.findings).toMatchObject([{ kind: 'risk', says: expect.stringContaining('12 s on average') }])
  })

  it('are nothing where they are quick now, however long they ever took, or in one sample', async () => {
    expect((await judge(relists(90_000, 5000), relists(90_001, 5030))).status).toBe('clear')
    expect((await judge(relists(90_000, 50))).status).toBe('clear')
  })

  it('stand beside what the node says of itself', async () => {
    const message = 'PLEG is not healthy: pleg was last seen active 4m12.5s ago; threshold is 3m0s'
    const condition = {
      type: 'Ready',
      status: 'False',
      reason: 'KubeletNotReady',
      message,
      lastTransitionTime: ago(60),
    }
    const objects = [node('node-1', { status: { conditions: [condition] } })]
    const files = kubeletMetrics('node-1', relists(100, 5000), relists(124, 5002))
    const [finding] = (await evaluate(plegUnhealthy, { objects, files })).findings
    expect(finding).toMatchObject({ strength: 'proof', says: expect.stringContaining('12 s on average') })
  })
})

describe('questions to the runtime that the kubelet counted', () => {
  const asked = (operation: string, total: number, failed: number) => [
    `kubelet_runtime_operations_total{operation_type="${operation}"} ${total}`,
    ...(failed === 0 ? [] : [`kubelet_runtime_operations_errors_total{operation_type="${operation}"} ${failed}`]),
  ]
  const sick = pod('shop/web-1', { ready: false })
  const judge = (objects: ReturnType<typeof pod>[], ...samples: string[][]) =>
    evaluate(containerRuntimeDown, {
      objects: [node('node-1'), ...objects],
      files: kubeletMetrics('node-1', ...samples),
    })

  it('show a runtime that does not answer, from the first failure on', async () => {
    const samples = [asked('list_containers', 900, 0), asked('list_containers', 930, 28)]
    expect((await judge([sick], ...samples)).findings).toMatchObject([
      { kind: 'cause', strength: 'strong', says: expect.stringContaining('28 of 30 plain questions') },
    ])
    expect((await judge([], ...samples)).findings).toMatchObject([{ kind: 'risk' }])
  })

  it.each([
    ['a few fail', [asked('list_containers', 900, 0), asked('list_containers', 930, 3)]],
    ['they failed once', [asked('list_containers', 900, 700), asked('list_containers', 930, 700)]],
    ['images cannot be pulled', [asked('pull_image', 10, 10), asked('pull_image', 40, 40)]],
    ['there is one sample', [asked('list_containers', 900, 900)]],
  ])('say nothing where %s', async (_, samples) => {
    expect((await judge([sick], ...samples)).status).toBe('clear')
  })
})
