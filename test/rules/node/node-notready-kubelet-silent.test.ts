import { describe, expect, it } from 'vitest'
import { nodeNotreadyKubeletSilent } from '../../../src/rules/node/node-notready-kubelet-silent.ts'
import { ago } from '../../incident/scene.ts'
import { node, pod, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

function silent(name: string, status = 'Unknown', reason = 'NodeStatusUnknown') {
  return node(name, {
    status: {
      conditions: [
        {
          type: 'Ready',
          status,
          reason,
          message: 'Kubelet stopped posting node status.',
          lastTransitionTime: ago(400),
        },
      ],
    },
  })
}

const lease = thing('coordination.k8s.io/v1', 'Lease', 'kube-node-lease/node-1', { spec: { renewTime: ago(440) } })

describe('node-notready-kubelet-silent', () => {
  it('names the silent node, when it was heard last, and the pods on it', async () => {
    const objects = [
      silent('node-1'),
      node('node-2'),
      node('node-3'),
      lease,
      pod('shop/web-1', { ready: false }),
      pod('shop/web-2', { node: 'node-2' }),
    ]
    const outcome = await evaluate(nodeNotreadyKubeletSilent, { objects })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
    expect(outcome.findings[0]).toMatchObject({ strength: 'proof', from: Date.parse(ago(440)), against: [] })
    expect(outcome.findings[0]?.affects?.map(({ name }) => name)).toEqual(['web-1'])
  })

  it('doubts that it is one node when most are silent', async () => {
    const outcome = await evaluate(nodeNotreadyKubeletSilent, {
      objects: ['node-1', 'node-2', 'node-3'].map((name) => silent(name)),
    })
    expect(outcome.findings[0]?.against).toHaveLength(1)
  })

  it('rejects a kubelet that says why', async () => {
    const outcome = await evaluate(nodeNotreadyKubeletSilent, {
      objects: [silent('node-1', 'False', 'KubeletNotReady'), node('node-2')],
    })
    expect(outcome.status).toBe('clear')
    expect(outcome.rejections).toMatchObject([{ subject: { name: 'node-1' } }])
  })
})
