import { describe, expect, it } from 'vitest'
import { kubeletAdmissionReject } from '../../../src/rules/scheduling/kubelet-admission-reject.ts'
import { pod, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const message = "Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 29, capacity: 29"
const failed = (reason: string, created = 600) =>
  pod('shop/web-6c8f7d9b5-abcde', {
    owner: 'ReplicaSet/web-6c8f7d9b5',
    created,
    ready: false,
    status: { phase: 'Failed', reason, message },
  })
const web = (ready: number, spec = {}) =>
  workload('Deployment', 'shop/web', { status: { readyReplicas: ready }, spec: { template: { spec } } }, 2)

describe('kubelet-admission-reject', () => {
  it('is the cause where the template names the node', async () => {
    const outcome = await evaluate(kubeletAdmissionReject, {
      objects: [failed('OutOfpods'), web(1, { nodeName: 'node-1' })],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause' })
  })

  it.each(['SysctlForbidden', 'AppArmor', 'PodOSNotSupported'])(
    'is the cause where the pod asks for what no kubelet like it allows: %s',
    async (reason) => {
      const { findings } = await evaluate(kubeletAdmissionReject, { objects: [failed(reason), web(1)] })
      expect(findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    },
  )

  it('is a mechanism otherwise, and only a risk where nothing is missing', async () => {
    const kindOf = async (ready: number) =>
      (await evaluate(kubeletAdmissionReject, { objects: [failed('OutOfcpu'), web(ready)] })).findings[0]?.kind
    expect(await kindOf(1)).toBe('mechanism')
    expect(await kindOf(2)).toBe('risk')
  })

  it('is quiet about evicted pods, and about a trail of yesterday', async () => {
    expect((await evaluate(kubeletAdmissionReject, { objects: [failed('Evicted'), web(1)] })).findings).toEqual([])
    expect(
      (await evaluate(kubeletAdmissionReject, { objects: [failed('OutOfcpu', 86_400), web(1)] })).findings,
    ).toEqual([])
  })
})
