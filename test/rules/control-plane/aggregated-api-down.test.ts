import { describe, expect, it } from 'vitest'
import { aggregatedApiDown } from '../../../src/rules/control-plane/aggregated-api-down.ts'
import { ago } from '../../incident/scene.ts'
import { pod, service, thing, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const MISSING = 'endpoints for service/metrics-server in "kube-system" have no addresses with port name "https"'
const api = (status: string) =>
  thing('apiregistration.k8s.io/v1', 'APIService', 'v1beta1.metrics.k8s.io', {
    spec: { group: 'metrics.k8s.io', service: { namespace: 'kube-system', name: 'metrics-server' } },
    status: {
      conditions: [
        { type: 'Available', status, reason: 'MissingEndpoints', message: MISSING, lastTransitionTime: ago(600) },
      ],
    },
  })
const server = [workload('Deployment', 'kube-system/metrics-server'), service('kube-system/metrics-server')]
const serving = (ready: boolean) =>
  pod('kube-system/metrics-server-7b9c5d4f6-abcde', {
    owner: 'ReplicaSet/metrics-server-7b9c5d4f6',
    labels: { app: 'metrics-server' },
    ready,
  })

describe('aggregated-api-down', () => {
  it('names the APIService whose Service is gone', async () => {
    const outcome = await evaluate(aggregatedApiDown, { objects: [api('False')] })
    expect(subjectsOf(outcome)).toEqual(['APIService v1beta1.metrics.k8s.io'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('the Service kube-system/metrics-server does not exist')
  })

  it('is a mechanism where its pods are not ready, and touches what suffers', async () => {
    const hpa = thing('autoscaling/v2', 'HorizontalPodAutoscaler', 'shop/web', {
      status: { conditions: [{ type: 'ScalingActive', status: 'False' }] },
    })
    const outcome = await evaluate(aggregatedApiDown, { objects: [api('False'), ...server, serving(false), hpa] })
    expect(outcome.findings[0]).toMatchObject({ kind: 'mechanism' })
    expect(outcome.findings[0]?.affects).toContainEqual({
      kind: 'HorizontalPodAutoscaler',
      namespace: 'shop',
      name: 'web',
    })
  })

  it('touches no autoscaler that lacks other metrics, and no namespace that waits for something else', async () => {
    const scaler = (name: string, reason: string) =>
      thing('autoscaling/v2', 'HorizontalPodAutoscaler', `shop/${name}`, {
        status: { conditions: [{ type: 'ScalingActive', status: 'False', reason }] },
      })
    const leaving = (name: string, type: string) =>
      thing('v1', 'Namespace', name, {
        metadata: { deletionTimestamp: ago(900) },
        status: { conditions: [{ type, status: 'True', message: 'x' }] },
      })
    const outcome = await evaluate(aggregatedApiDown, {
      objects: [
        api('False'),
        scaler('web', 'FailedGetResourceMetric'),
        scaler('queue', 'FailedGetExternalMetric'),
        leaving('old', 'NamespaceDeletionDiscoveryFailure'),
        leaving('kept', 'NamespaceFinalizersRemaining'),
      ],
    })
    const suffering = outcome.findings[0]?.affects?.filter(({ kind }) => kind !== 'Service')
    expect(suffering?.map(({ name }) => name)).toEqual(['web', 'old'])
  })

  it('is quiet while it answers', async () => {
    expect((await evaluate(aggregatedApiDown, { objects: [api('True'), ...server, serving(true)] })).status).toBe(
      'clear',
    )
  })

  it.each([['services'], ['pods']])('is no surer where it does not see the %s behind it', async (kind) => {
    const objects = [api('False'), ...server, serving(false)]
    const outcome = await evaluate(aggregatedApiDown, { objects, denied: [kind] })
    expect(outcome.findings).toMatchObject([{ kind: 'mechanism', strength: 'strong' }])
  })

  it('believes the API server that its Service is not there', async () => {
    const gone = thing('apiregistration.k8s.io/v1', 'APIService', 'v1beta1.metrics.k8s.io', {
      spec: { group: 'metrics.k8s.io', service: { namespace: 'kube-system', name: 'metrics-server' } },
      status: { conditions: [{ type: 'Available', status: 'False', reason: 'ServiceNotFound', message: MISSING }] },
    })
    const outcome = await evaluate(aggregatedApiDown, { objects: [gone], denied: ['services'] })
    expect(outcome.findings).toMatchObject([{ kind: 'cause', strength: 'strong' }])
  })
})
