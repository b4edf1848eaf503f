import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/rca/analyze.ts'
import { type CountedTable, connections, tableOf } from '../incident/kernel-connections.ts'
import { cadvisor, throttled } from '../incident/kubelet-answers.ts'
import { bundleOf, repeated, type Scene } from '../incident/scene.ts'
import { endpointSlice, event, node, pod, replicaSet, service, workload } from '../incident/things.ts'
import { neighbour } from './cases.ts'
import { chatter, noise } from './noise.ts'

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

describe('a report on what kernels keep in mind of connections', () => {
  const scene = {
    objects: [
      node('node-1'),
      node('node-2'),
      workload('Deployment', 'shop/web'),
      pod('shop/web-5d-1', { owner: 'ReplicaSet/web-5d', labels: { app: 'web' } }),
      pod('shop/db-1', { node: 'node-2', labels: { app: 'db' }, status: { podIP: '10.244.0.7' } }),
      service('shop/db'),
      endpointSlice('shop/db', [{ pod: 'db-1', ready: true, node: 'node-2' }]),
    ],
    logs: { 'shop/web-5d-1/app': repeated('ERROR dial tcp 10.96.0.20:80: i/o timeout', 30, 900, 20) },
  }
  const DROPS: CountedTable = { count: [998, 1000], drop: [50, 950], insert_failed: [10, 20] }
  const causesOf = async (files: Record<string, string>, more: Partial<Scene> = {}) =>
    (await reportOf({ ...scene, files, ...more })).causes

  it('names the full table, and cites the counters', async () => {
    const { causes, citations } = await reportOf({ ...scene, files: tableOf('node-1', DROPS) })
    expect(causes[0]).toMatchObject({ rule: 'conntrack-table-full', confidence: 'confirmed' })
    expect(citations.some(({ file }) => file === 'nodes/node-1/1/conntrack/cpus.txt')).toBe(true)
  })

  it('is less sure with one sample, or where as much is dropped elsewhere, and silent of a table with room', async () => {
    const [once] = await causesOf(tableOf('node-1', { ...DROPS, count: [1000] }))
    expect(once).toMatchObject({ rule: 'conntrack-table-full', confidence: 'probable' })
    const others = { objects: [node('node-3'), ...scene.objects] }
    const [alike] = await causesOf({ ...tableOf('node-1', DROPS), ...tableOf('node-3', DROPS) }, others)
    expect(alike?.confidence).not.toBe('confirmed')
    const room = await causesOf(tableOf('node-1', { ...DROPS, count: [100, 100] }))
    expect(room.filter(({ rule }) => rule === 'conntrack-table-full')).toEqual([])
  })

  it('misses the table of the node with the trouble', async () => {
    const broken = pod('shop/web-5d-1', { owner: 'ReplicaSet/web-5d', labels: { app: 'web' }, ready: false })
    const objects = [node('node-1'), node('node-2'), workload('Deployment', 'shop/web'), broken]
    const missing = async (asked: string) =>
      (await reportOf({ objects, files: tableOf(asked, DROPS) })).coverage.find(
        ({ evidence }) => evidence === 'conntrack',
      )
    expect(await missing('node-2')).toMatchObject({ how: 'none', why: 'node node-1 was not asked' })
    expect(await missing('node-1')).toBeUndefined()
  })

  it('has no cause where a cluster is well, however busy its tables are', async () => {
    const busy = [
      ...connections(27_500, '10.244.0.10', '10.0.9.9:443', { state: 'TIME_WAIT' }),
      ...connections(90, '10.244.0.10', '203.0.113.8:53', { protocol: 'udp', unreplied: true }),
      ...connections(40, '10.244.0.10', '10.96.0.20:80', { endpoint: '10.244.0.7:8080' }),
    ]
    const table = { count: [960, 970], drop: [4, 60], insert_failed: [90, 190], entries: busy }
    const files = Object.assign({}, ...['node-1', 'node-2'].map((name) => tableOf(name, table)))
    const objects = [...neighbour, ...Object.values(noise).flat()]
    const { causes } = await reportOf({ objects, logs: chatter, files })
    expect(causes.filter(({ confidence }) => confidence === 'confirmed' || confidence === 'probable')).toEqual([])
  })
})
