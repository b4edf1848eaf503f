import { describe, expect, it } from 'vitest'
import { http2ConnectionPinning } from '../../../src/rules/network/http2-connection-pinning.ts'
import { connections, tableOf } from '../../incident/kernel-connections.ts'
import { ago, repeated, type Thing } from '../../incident/scene.ts'
import { crashed, node, pod, service, thing } from '../../incident/things.ts'
import { evaluate } from '../check.ts'

const grpc = (patch = {}) =>
  service('shop/api', { spec: { ports: [{ name: 'grpc', port: 9000, targetPort: 9000, protocol: 'TCP' }], ...patch } })
const LATE = 'ERROR Get "http://api.shop.svc.cluster.local:9000/": context deadline exceeded'
const OOM = { restarts: 6, reason: 'OOMKilled', exitCode: 137 }
const api = (
  number: number,
  end?: Parameters<typeof crashed>[0],
  limit?: string,
  more: Parameters<typeof pod>[1] = {},
): Thing =>
  pod(`shop/api-6c8f7d9b5-${number}`, {
    ...more,
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

  describe('by the connections that nodes keep in mind', () => {
    const names = [1, 2, 3] as const
    const place = (number: number) => `10.244.0.${number}:9000`
    const placed = (number: number, on = 'node-1'): Thing =>
      api(number, undefined, '1', { node: on, status: { podIP: `10.244.0.${number}` } })
    const used = [uses(1, '750m'), uses(2, '30m'), uses(3, '20m')]
    const late = { 'shop/web-6c8f7d9b5-1/app': repeated(LATE, 12, 400, 20) }
    const web = pod('shop/web-6c8f7d9b5-1', { owner: 'ReplicaSet/web-6c8f7d9b5', status: { podIP: '10.244.0.9' } })
    const to = (number: number, times: number, state?: string) =>
      connections(times, '10.244.0.9', '10.96.0.20:9000', {
        endpoint: place(number),
        firstPort: 40_000 + 100 * number,
        ...(state === undefined ? {} : { state }),
      })
    const found = async (entries: readonly string[], service = grpc(), logs: Record<string, string> = late) => {
      const objects = [node('node-1'), service, web, ...names.map((number) => placed(number)), ...used]
      const files = tableOf('node-1', { count: [entries.length], entries })
      return (await evaluate(http2ConnectionPinning, { objects, logs, files })).findings
    }
    const told = async (...given: Parameters<typeof found>) =>
      (await found(...given)).map(({ kind, strength, against }) => `${kind} ${strength} ${against?.length}`)

    it('is proved where one pod has them all, works while the others idle, and its clients wait in vain', async () => {
      const [finding] = await found(to(1, 4))
      expect(finding).toMatchObject({ kind: 'cause', strength: 'proof', missing: [] })
      expect(finding?.says).toContain('4 of 4 open connections to api are to api-6c8f7d9b5-1')
      expect(await told(to(1, 4), grpc(), {})).toEqual(['risk strong 0'])
    })

    it('needs no name of a protocol then', async () => {
      const plain = service('shop/api', { spec: { ports: [{ name: 'web', port: 9000, targetPort: 9000 }] } })
      expect(await told(to(1, 4), plain)).toEqual(['cause proof 0'])
      expect(await told([...to(1, 4), ...to(2, 4), ...to(3, 4)], plain)).toEqual([])
      expect(await told([], plain)).toEqual([])
    })

    it('is doubted where all have as many', async () => {
      const [finding] = await found([...to(1, 4), ...to(2, 4), ...to(3, 4)])
      expect(finding?.strength).toBe('weak')
      expect(finding?.against?.[0]?.says).toContain('only 4 of 12 open connections')
    })

    it('stays what it was where connections are not kept, or a node was not asked', async () => {
      expect(await told(to(1, 4, 'TIME_WAIT'))).toEqual(['cause strong 0'])
      expect(await told([])).toEqual(['cause strong 0'])
      const files = tableOf('node-1', { count: [4], entries: to(1, 4) })
      const objects = [node('node-1'), node('node-2'), grpc(), web, placed(1), placed(2), placed(3, 'node-2'), ...used]
      const [finding] = (await evaluate(http2ConnectionPinning, { objects, logs: late, files })).findings
      expect(finding).toMatchObject({ strength: 'strong', missing: ['the connections of each pod (conntrack)'] })
      expect(finding?.says).toContain('4 of 4 open connections')
    })

    it('needs no few clients then', async () => {
      const many = [2, 3, 4, 5].map((number) =>
        pod(`shop/web-6c8f7d9b5-${number}`, {
          owner: 'ReplicaSet/web-6c8f7d9b5',
          status: { podIP: `10.244.1.${number}` },
        }),
      )
      const objects = [node('node-1'), grpc(), web, ...many, ...names.map((number) => placed(number)), ...used]
      const of = async (entries: readonly string[]) =>
        evaluate(http2ConnectionPinning, { objects, logs: late, files: tableOf('node-1', { count: [4], entries }) })
      expect((await of([])).rejections[0]?.says).toContain('5 clients for 3 pods')
      expect((await of(to(1, 4))).findings[0]).toMatchObject({ strength: 'proof' })
    })

    it('reckons with those that a busy node did not list', async () => {
      const busy = Array.from({ length: 120 }, (_, index) =>
        connections(3, '10.244.0.9', `198.51.100.${index}:443`),
      ).flat()
      expect(await told([...to(1, 4), ...busy])).toEqual(['cause strong 0'])
      expect(await told([...to(1, 99), ...busy])).toEqual(['cause proof 0'])
    })

    it('counts those that come from other nodes, and not the probes of the kubelet', async () => {
      const direct = connections(3, '10.244.7.7', place(1))
      const probes = connections(9, '10.0.0.1', place(2), { state: 'TIME_WAIT' })
      const [finding] = await found([...direct, ...probes])
      expect(finding?.says).toContain('3 of 3 open connections to api are to api-6c8f7d9b5-1')
    })
  })
})
