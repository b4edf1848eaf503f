import { describe, expect, it } from 'vitest'
import { containerRuntimeDown } from '../../../src/rules/node/container-runtime-down.ts'
import { ago } from '../../incident/scene.ts'
import { event, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const notReady = (message: string) =>
  node('node-1', {
    status: {
      conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message, lastTransitionTime: ago(60) }],
    },
  })

describe('container-runtime-down', () => {
  it('names the node that says so', async () => {
    const outcome = await evaluate(containerRuntimeDown, {
      objects: [notReady('[container runtime is down, PLEG is not healthy]')],
    })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
    expect(outcome.findings[0]?.strength).toBe('proof')
  })

  it('rejects one container that could not be made on a ready node', async () => {
    const failed = event(
      '',
      'Node/node-1',
      'ContainerRuntimeFailed',
      'OCI runtime create failed: exec: "x": executable file not found in $PATH',
    )
    const outcome = await evaluate(containerRuntimeDown, {
      objects: [node('node-1'), failed, pod('shop/web-1', { ready: false })],
    })
    expect([outcome.status, outcome.rejections.length]).toEqual(['clear', 1])
  })

  it('is quiet about a network that is not ready', async () => {
    const network = notReady(
      'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
    )
    expect((await evaluate(containerRuntimeDown, { objects: [network] })).status).toBe('clear')
  })
})
