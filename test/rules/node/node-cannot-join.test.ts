import { describe, expect, it } from 'vitest'
import { nodeCannotJoin } from '../../../src/rules/node/node-cannot-join.ts'
import { ago } from '../../incident/scene.ts'
import { node, pod, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

function claim(seconds: number, registered = 'Unknown') {
  const conditions = [
    { type: 'Launched', status: 'True', lastTransitionTime: ago(seconds) },
    { type: 'Registered', status: registered, lastTransitionTime: ago(seconds) },
  ]
  return thing('karpenter.sh/v1', 'NodeClaim', 'pool-x1', { status: { conditions } })
}

const waiting = pod('shop/web-1', { node: '', ready: false, status: { phase: 'Pending', containerStatuses: [] } })

describe('node-cannot-join', () => {
  it('names a claim whose machine does not register, and the pods that wait', async () => {
    const outcome = await evaluate(nodeCannotJoin, { objects: [node('node-1'), claim(900), waiting] })
    expect(subjectsOf(outcome)).toEqual(['NodeClaim pool-x1'])
    expect(outcome.findings[0]?.affects).toHaveLength(1)
  })

  it('is quiet about a machine that boots, and one that is a node', async () => {
    expect((await evaluate(nodeCannotJoin, { objects: [node('node-1'), claim(60)] })).status).toBe('clear')
    expect((await evaluate(nodeCannotJoin, { objects: [node('node-1'), claim(900, 'True')] })).status).toBe('clear')
  })

  it('sees kubelets whose certificates nobody signs', async () => {
    const request = thing('certificates.k8s.io/v1', 'CertificateSigningRequest', 'csr-1', {
      spec: { signerName: 'kubernetes.io/kube-apiserver-client-kubelet' },
      status: {},
    })
    expect((await evaluate(nodeCannotJoin, { objects: [node('node-1'), request] })).status).toBe('fired')
    const signed = thing('certificates.k8s.io/v1', 'CertificateSigningRequest', 'csr-1', {
      spec: { signerName: 'kubernetes.io/kube-apiserver-client-kubelet' },
      status: { conditions: [{ type: 'Approved' }] },
    })
    expect((await evaluate(nodeCannotJoin, { objects: [node('node-1'), signed] })).status).toBe('clear')
  })
})
