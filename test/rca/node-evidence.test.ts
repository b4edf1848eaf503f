import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/rca/analyze.ts'
import { cadvisor, throttled } from '../incident/kubelet-answers.ts'
import { bundleOf, type Scene } from '../incident/scene.ts'
import { event, node, pod, replicaSet, workload } from '../incident/things.ts'

const LATE =
  'Readiness probe failed: Get "http://10.244.0.10:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'

const objects = [
  node('node-1'),
  node('node-2'),
  workload('Deployment', 'shop/web'),
  replicaSet('shop/web-5d', 'web', 1),
  pod('shop/web-5d-1', {
    owner: 'ReplicaSet/web-5d',
    labels: { app: 'web' },
    containers: [{ spec: { resources: { limits: { cpu: '2' } } } }],
    ready: false,
  }),
  event('shop', 'Pod/web-5d-1', 'Unhealthy', LATE, { count: 9, container: 'app', first: 600 }),
]

const reportOf = (scene: Scene) => analyze(bundleOf(scene), { name: 'scene', toolVersion: '0' })

describe('a report on what kubelets counted', () => {
  const asked = cadvisor('node-1', throttled('web-5d-1', [100, 400], [10, 290]))

  it('names the limit that holds a container up, and cites the counters', async () => {
    const { causes, citations } = await reportOf({ objects, files: asked })
    expect(causes[0]).toMatchObject({ rule: 'cpu-limit-throttling', confidence: 'confirmed' })
    expect(citations.some(({ file }) => file === 'nodes/node-1/1/kubelet-cadvisor/metrics.txt')).toBe(true)
  })

  it('is less sure without them, and misses them of the node with the trouble alone', async () => {
    const missing = async (files: Record<string, string>) =>
      (await reportOf({ objects, files })).coverage.find(({ evidence }) => evidence === 'cadvisor')
    expect(await missing(asked)).toBeUndefined()
    expect(await missing(cadvisor('node-2', throttled('web-9', [1], [0])))).toMatchObject({
      how: 'none',
      why: 'node node-1 was not asked',
    })
    const { causes } = await reportOf({ objects, files: {} })
    expect(causes.filter(({ confidence }) => confidence === 'confirmed')).toEqual([])
  })
})
