import { describe, expect, it } from 'vitest'
import { hpaMetricsUnknown } from '../../../src/rules/autoscaling/hpa-metrics-unknown.ts'
import { crashed, pod, replicaSet, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { scaler } from './scaler.ts'

const inactive = (message: string, reason = 'FailedGetResourceMetric') =>
  scaler({
    type: 'ScalingActive',
    status: 'False',
    reason,
    message: `the HPA was unable to compute the replica count: ${message}`,
  })
const web = (ready: boolean) => [
  workload('Deployment', 'shop/web'),
  replicaSet('shop/web-6c8f7d9b5', 'web', 1),
  pod('shop/web-6c8f7d9b5-abcde', {
    owner: 'ReplicaSet/web-6c8f7d9b5',
    ready,
    containers: [ready ? {} : { status: crashed() }],
  }),
]

describe('hpa-metrics-unknown', () => {
  it.each([
    [
      'proof',
      'failed to get cpu utilization: missing request for cpu in container istio-proxy of Pod web-6c8f7d9b5-abcde',
    ],
    [
      'strong',
      'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server is currently unable to handle the request (get pods.metrics.k8s.io)',
    ],
    [
      'strong',
      'failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API',
    ],
  ])('is %s by what it says: %s', async (strength, message) => {
    const outcome = await evaluate(hpaMetricsUnknown, { objects: [inactive(message), ...web(true)] })
    expect(subjectsOf(outcome)).toEqual(['HorizontalPodAutoscaler shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength })
  })

  it.each([
    [
      'its pods crash, and have no metrics for that',
      inactive('failed to get cpu utilization: did not receive metrics for any ready pods'),
      false,
    ],
    ['it is switched off', inactive('scaling is disabled', 'ScalingDisabled'), true],
    ['it works', scaler({ type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound' }), true],
  ])('is quiet when %s', async (_, object, ready) => {
    expect((await evaluate(hpaMetricsUnknown, { objects: [object, ...web(ready)] })).findings).toEqual([])
  })
})
