import { describe, expect, it } from 'vitest'
import { componentMetrics } from '../../collectors/component-metrics.ts'
import { collect, files, statuses } from './collect.ts'
import { componentTarget, servePorts } from './ports.ts'

describe('component-metrics', () => {
  it.each([
    ['karpenter-5c8-x', 'controller', 8080, 'karpenter'],
    ['karpenter-5c8-x', 'controller', 8000, 'karpenter'],
    ['aws-load-balancer-controller-5-x', 'aws-load-balancer-controller', 8080, 'aws-load-balancer-controller'],
    ['ebs-csi-controller-5-x', 'ebs-plugin', 3301, 'ebs-csi-controller'],
    ['ebs-csi-node-x', 'ebs-plugin', 3302, 'ebs-csi-node'],
    ['prod-aws-cluster-autoscaler-5-x', 'aws-cluster-autoscaler', 8085, 'cluster-autoscaler'],
    ['eks-node-monitoring-agent-x', 'eks-node-monitoring-agent', 8003, 'eks-node-monitoring-agent'],
    ['node-problem-detector-x', 'node-problem-detector', 20257, 'node-problem-detector'],
  ])('keeps what %s (%s) counts on port %i', async (name, container, port, component) => {
    const { kube } = await servePorts({ [`:${port}/metrics`]: 'counted 1\n' })
    const target = componentTarget(name, container)
    expect(componentMetrics.componentOf?.(target.pod)).toBe(component)
    const collected = await collect(componentMetrics, () => {}, { target, kube })
    expect(files(collected)).toEqual({
      [`components/kube-system/${name}/0/component-metrics/${component}-${port}.txt`]: 'counted 1\n',
    })
    expect(statuses(collected)).toContain(`pods/portforward kube-system :${port}/metrics complete`)
  })

  it('does not take a pod of another workload for a controller because of its container', () => {
    expect(componentMetrics.componentOf?.(componentTarget('ingress-nginx-1', 'controller').pod)).toBeUndefined()
    expect(componentMetrics.componentOf?.(componentTarget('karpenter-report-1', 'report').pod)).toBeUndefined()
  })

  it('is not supported where the metrics of a component were not turned on', async () => {
    const { kube } = await servePorts({})
    const target = componentTarget('ebs-csi-node-x', 'ebs-plugin')
    const { closes } = await collect(componentMetrics, () => {}, { target, kube })
    expect(closes).toMatchObject([{ status: 'unsupported', reason: 'nobody listens on port 3302' }])
  })
})
