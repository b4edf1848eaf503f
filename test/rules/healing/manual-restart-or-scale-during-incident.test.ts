import { describe, expect, it } from 'vitest'
import { manualRestartOrScaleDuringIncident } from '../../../src/rules/healing/manual-restart-or-scale-during-incident.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, endpointSlice, event, pod, service, workload, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const scaled = (by: string, at = 600, replicas = 1) =>
  workload(
    'Deployment',
    'shop/web',
    { metadata: { managedFields: [wrote(by, at, { 'f:spec': { 'f:replicas': {} } }, 'Update', 'scale')] } },
    replicas,
  )
const sick = pod('shop/web-6c8f7d9b5-x7k2p', {
  owner: 'ReplicaSet/web-6c8f7d9b5',
  ready: false,
  created: 400,
  containers: [{ status: crashed() }],
})
const before = event('shop', 'Pod/web-6c8f7d9b5-zzzzz', 'BackOff', 'Back-off restarting failed container', {
  first: 1800,
  last: 700,
})

describe('manual-restart-or-scale-during-incident', () => {
  it('is no cause of what began before', async () => {
    const outcome = await evaluate(manualRestartOrScaleDuringIncident, { objects: [scaled('kubectl'), sick, before] })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'evidence-loss' })
    expect(outcome.findings[0]?.says).toContain('20 min after the first sign of trouble')
  })

  it('is a trigger where the trouble came after it', async () => {
    const outcome = await evaluate(manualRestartOrScaleDuringIncident, { objects: [scaled('kubectl'), sick] })
    expect(outcome.findings[0]?.kind).toBe('trigger')
  })

  it('is quiet about autoscalers, and about a workload that is well', async () => {
    expect(
      (await evaluate(manualRestartOrScaleDuringIncident, { objects: [scaled('kube-controller-manager'), sick] }))
        .status,
    ).toBe('clear')
    const well = pod('shop/web-6c8f7d9b5-x7k2p', { owner: 'ReplicaSet/web-6c8f7d9b5' })
    expect(await evaluate(manualRestartOrScaleDuringIncident, { objects: [scaled('kubectl'), well] })).toMatchObject({
      status: 'clear',
      rejections: [{ kind: 'rejected' }],
    })
  })

  it('is quiet about what was done yesterday', async () => {
    const outcome = await evaluate(manualRestartOrScaleDuringIncident, { objects: [scaled('kubectl', 25_200), sick] })
    expect(outcome.status).toBe('clear')
  })

  it('finds one scaled to nothing whose callers fail, though no pod of it is sick', async () => {
    const outcome = await evaluate(manualRestartOrScaleDuringIncident, {
      objects: [
        scaled('kubectl', 600, 0),
        service('shop/web'),
        endpointSlice('shop/web', []),
        pod('shop/api-6c8f7d9b5-x7k2p', { owner: 'ReplicaSet/api-6c8f7d9b5' }),
      ],
      logs: {
        'shop/api-6c8f7d9b5-x7k2p/app':
          `${ago(60)} ERROR dial tcp web.shop.svc.cluster.local:80: connect: connection refused\n`.repeat(5),
      },
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
  })
})
