import { describe, expect, it } from 'vitest'
import { addonVersionSkew } from '../../../src/rules/rollout/addon-version-skew.ts'
import { crashed, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const kubelet = (version: string, ready = true) =>
  node('node-1', {
    status: {
      nodeInfo: { kubeletVersion: version },
      ...(ready ? {} : { conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: '' }] }),
    },
  })

// The API server of every scene is v1.34.4.
describe('addon-version-skew', () => {
  it('is a risk outside of what Kubernetes supports, and a cause where such a node is ill', async () => {
    const old = await evaluate(addonVersionSkew, { objects: [kubelet('v1.30.2-eks-1552ad0')] })
    expect(subjectsOf(old)).toEqual(['Node node-1'])
    expect(old.findings[0]?.kind).toBe('risk')
    expect((await evaluate(addonVersionSkew, { objects: [kubelet('v1.35.0', false)] })).findings[0]?.kind).toBe('cause')
  })

  it('is quiet within it', async () => {
    for (const version of ['v1.34.0', 'v1.31.9'])
      expect((await evaluate(addonVersionSkew, { objects: [kubelet(version)] })).status).toBe('clear')
  })

  it('is the cause where what runs on every node fails there, not where an application does', async () => {
    const kindWith = async (owner: string) => {
      const sick = pod('kube-system/x-abcde', { owner, ready: false, containers: [{ status: crashed() }] })
      return (await evaluate(addonVersionSkew, { objects: [kubelet('v1.30.2'), sick] })).findings[0]?.kind
    }
    expect(await kindWith('DaemonSet/kube-proxy')).toBe('cause')
    expect(await kindWith('ReplicaSet/web-6c8f7d9b5')).toBe('risk')
  })
})
