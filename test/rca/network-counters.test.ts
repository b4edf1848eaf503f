import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/rca/analyze.ts'
import type { Report } from '../../src/rca/report.ts'
import { type CountedNode, kernelOf } from '../incident/kernel-answers.ts'
import { bundleOf, repeated, type Scene, type Thing } from '../incident/scene.ts'
import { endpointSlice, event, node, pod, served, service, workload } from '../incident/things.ts'

const reportOf = (scene: Scene) => analyze(bundleOf(scene), { name: 'scene', toolVersion: '0' })

const sureOf = ({ causes }: Report) =>
  causes
    .filter(({ confidence }) => confidence === 'confirmed' || confidence === 'probable')
    .map(({ rule, confidence }) => `${rule} ${confidence}`)

const UID = '0a1b2c3d-1111-4222-8333-444455556666'
const nodes = [node('node-1'), node('node-2'), node('node-3')]

/** A caller that is not ready while it waits for what it calls. */
function caller(name: string, on: string): Thing {
  return pod(`shop/${name}`, { owner: 'ReplicaSet/web-6c8f7d9b5', node: on, labels: { app: 'web' }, ready: false })
}

const unready = (name: string) =>
  event('shop', `Pod/${name}`, 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503', {
    count: 30,
    first: 600,
  })

const inVain = (name: string, address: string) => ({
  [`shop/${name}/app`]: repeated(`level=error msg="dial tcp ${address}: i/o timeout"`, 30, 600, 10),
})

const ALLOWED: CountedNode = { ena: { conntrack: [15, 355], available: [31, 0] } }
const STILL: CountedNode = { ena: { conntrack: [3, 3], available: [9000, 9000] } }

describe('a report on what the kernel and the interface counted', () => {
  const alone: Scene = {
    objects: [
      ...nodes,
      workload('Deployment', 'shop/web'),
      service('shop/web'),
      caller('web-6c8f7d9b5-1', 'node-1'),
      unready('web-6c8f7d9b5-1'),
    ],
    logs: inVain('web-6c8f7d9b5-1', '203.0.113.7:443'),
  }

  it('names the interface that tracks no more connections, and cites its counters', async () => {
    const report = await reportOf({ ...alone, files: { ...kernelOf('node-1', ALLOWED), ...kernelOf('node-2', STILL) } })
    expect(sureOf(report)[0]).toBe('eni-conntrack-allowance-exceeded confirmed')
    expect(report.citations.some(({ file }) => file === 'nodes/node-1/1/ena/eth0.statistics.txt')).toBe(true)
  })

  it('is less sure with one sample, and never surer of anything else', async () => {
    const report = await reportOf({ ...alone, files: kernelOf('node-1', { ena: { conntrack: [355] } }) })
    expect(sureOf(report)).toEqual([])
  })

  it('does not take it for the reason of what fails on every node', async () => {
    const places = ['node-1', 'node-2', 'node-3'].map((on, at) => [`web-6c8f7d9b5-${at}`, on] as const)
    const db = [
      workload('Deployment', 'shop/db'),
      pod('shop/db-5d4f7c8b9-1', {
        owner: 'ReplicaSet/db-5d4f7c8b9',
        node: 'node-2',
        labels: { app: 'db' },
        ready: false,
      }),
      service('shop/db'),
      endpointSlice('shop/db', [{ pod: 'db-5d4f7c8b9-1', ready: false }]),
    ]
    const report = await reportOf({
      objects: [
        ...nodes,
        workload('Deployment', 'shop/web', {}, 3),
        ...db,
        ...places.flatMap(([name, on]) => [caller(name, on), unready(name)]),
      ],
      logs: Object.assign({}, ...places.map(([name]) => inVain(name, '10.96.0.20:80'))),
      files: { ...kernelOf('node-1', ALLOWED), ...kernelOf('node-3', STILL) },
    })
    expect(sureOf(report).filter((one) => one.startsWith('eni-conntrack'))).toEqual([])
  })

  it('names the program whose queue overflows', async () => {
    const report = await reportOf({
      objects: [
        ...nodes,
        ...served('api', { node: 'node-2', metadata: { uid: UID } }),
        workload('Deployment', 'shop/web'),
        caller('web-6c8f7d9b5-1', 'node-1'),
        unready('web-6c8f7d9b5-1'),
      ],
      logs: inVain('web-6c8f7d9b5-1', 'api:80'),
      files: kernelOf('node-2', { pods: { [UID]: [10, 267] } }),
    })
    expect(sureOf(report)[0]).toBe('listen-backlog-overflow probable')
  })

  it('says of a cluster that is well, and counts this and that, nothing', async () => {
    const noisy: CountedNode = {
      ena: { bw_in: [900, 9000], bw_out: [900, 9000], pps: [3, 3000], conntrack: [2, 8], linklocal: [70, 700] },
      fulls: [40, 44],
      overflows: [9, 90],
      sent: [0, 100_000],
      repeated: [0, 3000],
      pods: { [UID]: [0, 400] },
    }
    const report = await reportOf({
      objects: [...nodes, ...served('api', { node: 'node-1', metadata: { uid: UID } })],
      logs: { 'shop/api-6c8f7d9b5-abcde/app': repeated('level=info msg=served', 1, 90, 90) },
      files: { ...kernelOf('node-1', noisy), ...kernelOf('node-2', noisy) },
    })
    expect([report.verdict.status, report.causes]).toEqual(['healthy', []])
  })

  it('is not sure of anything by a call that failed once, of a program that is well', async () => {
    for (const counted of [ALLOWED, { fulls: [10, 42] }]) {
      const report = await reportOf({
        objects: [...nodes, ...served('api', { node: 'node-2', metadata: { uid: UID } }), ...served('web')],
        logs: {
          'shop/web-6c8f7d9b5-abcde/app': repeated(
            'level=error msg="dial tcp: Post http://api:80/: i/o timeout"',
            1,
            90,
            90,
          ),
        },
        files: { ...kernelOf('node-1', counted), ...kernelOf('node-2', { pods: { [UID]: [0, 40] } }) },
      })
      expect(sureOf(report)).toEqual([])
    }
  })
})
