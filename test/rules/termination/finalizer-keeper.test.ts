import { describe, expect, it } from 'vitest'
import { findKeeper } from '../../../src/rules/termination/finalizer-keeper.ts'
import { incidentOf, type Thing } from '../../incident/scene.ts'
import { thing, workload } from '../../incident/things.ts'

const stateOf = async (finalizer: string, ...objects: readonly Thing[]) =>
  findKeeper(await incidentOf({ objects }), finalizer).state
const ebs = workload('Deployment', 'kube-system/ebs-csi-controller', {
  metadata: { labels: { app: 'aws-ebs-csi-driver' } },
})

describe('the keeper of a finalizer', () => {
  it('of load balancers is their controller, and no other of the same cloud', async () => {
    const controller = workload('Deployment', 'kube-system/aws-load-balancer-controller')
    expect(await stateOf('service.k8s.aws/resources', ebs)).toBe('gone')
    expect(await stateOf('service.k8s.aws/resources', ebs, controller)).toBe('well')
    const ill = workload('Deployment', 'kube-system/aws-load-balancer-controller', { status: { readyReplicas: 0 } })
    expect(await stateOf('ingress.k8s.aws/resources', ill)).toBe('ill')
  })

  it('may be called by its product alone', async () => {
    const definition = thing('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'nodeclaims.karpenter.sh')
    expect(await stateOf('karpenter.sh/termination', definition, workload('Deployment', 'kube-system/karpenter'))).toBe(
      'well',
    )
    expect(await stateOf('karpenter.sh/termination', definition)).toBe('ill')
  })

  it('is not said to be gone while something of its name runs', async () => {
    expect(await stateOf('queue.example.com/drain', workload('Deployment', 'ops/queue'))).toBe('unknown')
    const incident = await incidentOf({ objects: [workload('StatefulSet', 'shop/queue')] })
    const kept = { kind: 'StatefulSet', namespace: 'shop', name: 'queue' }
    expect(findKeeper(incident, 'queue.example.com/drain', kept).state).toBe('gone')
    expect(await stateOf('queue.example.com/drain', workload('Deployment', 'ops/other'))).toBe('gone')
    expect(await stateOf('queue.example.com/drain', workload('Deployment', 'ops/queue-operator'))).toBe('well')
  })
})
