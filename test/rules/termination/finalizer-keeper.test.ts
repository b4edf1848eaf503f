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
  it.each([
    'networking.k8s.aws/resources',
    'networking.gke.io/neg-finalizer',
    'service.kubernetes.io/load-balancer-cleanup',
    'service.eks.amazonaws.com/resources',
  ])('of %s is outside of the cluster', async (finalizer) => {
    expect(await stateOf(finalizer, ebs)).toBe('unknown')
  })

  it('is outside for Karpenter too, where EKS runs it', async () => {
    const definitions = ['nodeclaims.karpenter.sh', 'nodeclasses.eks.amazonaws.com'].map((name) =>
      thing('apiextensions.k8s.io/v1', 'CustomResourceDefinition', name),
    )
    expect(await stateOf('karpenter.sh/termination', ...definitions)).toBe('unknown')
  })

  it.each([
    ['workflows.argoproj.io/status', 'argo/workflow-controller'],
    ['finalizers.fluxcd.io', 'flux-system/kustomize-controller'],
    ['apps.victoriametrics.com/finalizer', 'monitoring/victoria-metrics-operator'],
    ['kueue.x-k8s.io/managed', 'kueue-system/kueue-controller-manager'],
  ])('of %s may be %s', async (finalizer, place) => {
    expect(await stateOf(finalizer, workload('Deployment', place))).toBe('well')
    expect(await stateOf(finalizer, workload('Deployment', 'shop/app-operator'))).toBe('gone')
  })

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
