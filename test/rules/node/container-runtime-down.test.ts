import { describe, expect, it } from 'vitest'
import { containerRuntimeDown } from '../../../src/rules/node/container-runtime-down.ts'
import { ago } from '../../incident/scene.ts'
import { event, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const notReady = (message: string, nodeInfo = {}) =>
  node('node-1', {
    status: {
      nodeInfo,
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

  it('leaves a sandbox of one pod to that pod', async () => {
    const reserved = event(
      'shop',
      'Pod/web-1',
      'FailedCreatePodSandBox',
      'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to reserve sandbox name "web-1_shop_uid_0": name "web-1_shop_uid_0" is reserved for "a1b2c3"',
    )
    const unready = notReady('[PLEG is not healthy: pleg was last seen active 4m0s ago; threshold is 3m0s]')
    const outcome = await evaluate(containerRuntimeDown, {
      objects: [unready, reserved, pod('shop/web-1', { ready: false })],
    })
    expect(outcome.findings).toEqual([])
  })

  it('names a node once that says so and does not know the version of its runtime', async () => {
    const mute = (message: string) => notReady(message, { containerRuntimeVersion: 'containerd://Unknown' })
    for (const message of ['[container runtime is down]', 'kubelet is starting'])
      expect(subjectsOf(await evaluate(containerRuntimeDown, { objects: [mute(message)] }))).toEqual(['Node node-1'])
  })

  it('believes what the kubelet meets at the socket of the runtime, whatever pod it was busy with', async () => {
    const said = event(
      'shop',
      'Pod/web-1',
      'FailedKillPod',
      'error killing pod: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused"',
    )
    const objects = [notReady('kubelet is starting'), said, pod('shop/web-1', { ready: false })]
    expect(subjectsOf(await evaluate(containerRuntimeDown, { objects }))).toEqual(['Node node-1'])
  })
})
