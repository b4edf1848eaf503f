import { describe, expect, it } from 'vitest'
import { http2ConnectionPinning } from '../../../src/rules/network/http2-connection-pinning.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { crashed, pod, service, thing } from '../../incident/things.ts'
import { evaluate } from '../check.ts'

const grpc = (patch = {}) =>
  service('shop/api', { spec: { ports: [{ name: 'grpc', port: 9000, targetPort: 9000, protocol: 'TCP' }], ...patch } })
const OOM = { restarts: 6, reason: 'OOMKilled', exitCode: 137 }
const api = (number: number, end?: Parameters<typeof crashed>[0], limit?: string): Thing =>
  pod(`shop/api-6c8f7d9b5-${number}`, {
    owner: 'ReplicaSet/api-6c8f7d9b5',
    labels: { app: 'api' },
    ready: end === undefined,
    containers: [
      { spec: limit ? { resources: { limits: { cpu: limit } } } : {}, status: end === undefined ? {} : crashed(end) },
    ],
  })
const uses = (number: number, cpu: string): Thing =>
  thing('metrics.k8s.io/v1beta1', 'PodMetrics', `shop/api-6c8f7d9b5-${number}`, {
    timestamp: ago(20),
    containers: [{ name: 'app', usage: { cpu, memory: '100Mi' } }],
  })
const of = (...objects: readonly Thing[]) => evaluate(http2ConnectionPinning, { objects })
const told = async (...objects: readonly Thing[]) =>
  (await of(...objects)).findings.map(({ kind, strength, subject }) => `${kind} ${strength} ${subject.name}`)

describe('http2-connection-pinning', () => {
  it('suspects it where load kills one pod of a gRPC service and its siblings never restarted', async () => {
    expect(await told(grpc(), api(1, OOM), api(2), api(3))).toEqual(['cause weak api'])
  })

  it('sees that one pod is at its limit and its siblings idle', async () => {
    const pods = [api(1, undefined, '1'), api(2, undefined, '1'), api(3, undefined, '1')]
    const idle = [uses(2, '30m'), uses(3, '20m')]
    expect(await told(grpc(), ...pods, uses(1, '980m'), ...idle)).toEqual(['cause strong api'])
    expect(await told(grpc(), ...pods, uses(1, '750m'), ...idle)).toEqual(['risk strong api'])
    expect(await told(grpc(), ...pods, uses(1, '300m'), ...idle)).toEqual([])
    expect(await told(grpc(), ...pods, uses(1, '980m'), uses(2, '600m'), uses(3, '20m'))).toEqual([])
  })

  it('takes it for the cause where its clients wait in vain, often and until now, though it is not at its limit', async () => {
    const late = (times: number, words: string) => ({
      'shop/web-6c8f7d9b5-1/app': `${ago(400)} started\n${`${ago(20)} ERROR ${words}\n`.repeat(times)}`,
    })
    const web = pod('shop/web-6c8f7d9b5-1', { owner: 'ReplicaSet/web-6c8f7d9b5' })
    const pods = [api(1, undefined, '1'), api(2, undefined, '1'), api(3, undefined, '1')]
    const objects = [grpc(), web, ...pods, uses(1, '750m'), uses(2, '30m'), uses(3, '20m')]
    const kindOf = async (logs: Record<string, string>) =>
      (await evaluate(http2ConnectionPinning, { objects, logs })).findings.map(({ kind }) => kind)
    const timeout = 'Get "http://api.shop.svc.cluster.local:9000/": context deadline exceeded'
    expect(await kindOf(late(12, timeout))).toEqual(['cause'])
    expect(await kindOf(late(3, timeout))).toEqual(['risk'])
    expect(await kindOf(late(12, 'call of http://api.shop.svc.cluster.local:9000/ failed: 404 Not Found'))).toEqual([
      'risk',
    ])
  })

  it('is quiet where several restart, where one fails by itself, and for plain HTTP', async () => {
    expect(await told(grpc(), api(1, OOM), api(2, OOM), api(3))).toEqual([])
    expect(await told(grpc(), api(1, { restarts: 6, exitCode: 1 }), api(2), api(3))).toEqual([])
    expect(await told(service('shop/api'), api(1, OOM), api(2), api(3))).toEqual([])
    expect(await told(grpc({ clusterIP: 'None' }), api(1, OOM), api(2), api(3))).toEqual([])
  })

  it.each([
    ['clients are bound on purpose', [grpc({ sessionAffinity: 'ClientIP' })]],
    ['others fail on the node', [grpc(), pod('shop/other-1', { ready: false })]],
  ])('says why not where %s', async (_, objects) => {
    const outcome = await of(...objects, api(1, OOM), api(2), api(3))
    expect([outcome.status, outcome.rejections.length]).toEqual(['clear', 1])
  })
})
