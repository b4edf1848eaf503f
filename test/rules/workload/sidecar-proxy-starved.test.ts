import { describe, expect, it } from 'vitest'
import { sidecarProxyStarved } from '../../../src/rules/workload/sidecar-proxy-starved.ts'
import { cadvisor, throttled } from '../../incident/kubelet-answers.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const killed = { status: crashed({ reason: 'OOMKilled', exitCode: 137 }) }
const meshed = (app: Record<string, unknown>, proxy: Record<string, unknown>) =>
  pod('shop/web-6c8f7d9b5-abcde', {
    owner: 'ReplicaSet/web-6c8f7d9b5',
    ready: false,
    containers: [{ ...app }, { name: 'istio-proxy', ...proxy }],
  })

describe('sidecar-proxy-starved', () => {
  it('names the workload whose proxy alone is killed', async () => {
    const outcome = await evaluate(sidecarProxyStarved, { objects: [meshed({ status: { ready: true } }, killed)] })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
  })

  it('is quiet where the application is killed, with its proxy or without', async () => {
    const alone = await evaluate(sidecarProxyStarved, { objects: [meshed(killed, { status: { ready: true } })] })
    expect(alone).toMatchObject({ findings: [], rejections: [] })
    expect((await evaluate(sidecarProxyStarved, { objects: [meshed(killed, killed)] })).rejections).toHaveLength(1)
  })

  it('is quiet about a proxy that ends for another reason', async () => {
    const objects = [meshed({ status: { ready: true } }, { status: crashed() })]
    expect(await evaluate(sidecarProxyStarved, { objects })).toMatchObject({ findings: [], rejections: [] })
  })

  it('does not mind a crash of the application in another pod', async () => {
    const other = pod('shop/web-6c8f7d9b5-fghij', {
      owner: 'ReplicaSet/web-6c8f7d9b5',
      ready: false,
      containers: [{ status: crashed() }, { name: 'istio-proxy' }],
    })
    const outcome = await evaluate(sidecarProxyStarved, {
      objects: [meshed({ status: { ready: true } }, killed), other],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
  })

  describe('that refuses requests because too many wait', () => {
    const OVERFLOW = 'upstream connect error or disconnect/reset before headers. reset reason: overflow'
    const web = pod('shop/web-6c8f7d9b5-abcde', {
      owner: 'ReplicaSet/web-6c8f7d9b5',
      containers: [{}, { name: 'istio-proxy' }],
    })
    const of = (time: string) =>
      evaluate(sidecarProxyStarved, {
        objects: [web],
        logs: { 'shop/web-6c8f7d9b5-abcde/istio-proxy': `${time}${OVERFLOW}\n` },
      })

    it('is a weak sign, of now or where nobody knows the time', async () => {
      for (const time of [`${ago(60)} `, ''])
        expect((await of(time)).findings).toMatchObject([{ strength: 'weak', subject: { name: 'web' } }])
    })

    it('is none once it is over, or where an application without a proxy repeats it', async () => {
      expect((await of(`${ago(1200)} `)).findings).toEqual([])
      const bare = pod('shop/api-6c8f7d9b5-abcde', { owner: 'ReplicaSet/api-6c8f7d9b5' })
      const logs = { 'shop/api-6c8f7d9b5-abcde/app': `${ago(60)} ${OVERFLOW}\n` }
      expect((await evaluate(sidecarProxyStarved, { objects: [bare], logs })).findings).toEqual([])
    })
  })
})

describe('sidecar-proxy-starved by counters', () => {
  const objects = [
    pod('shop/web-6c8f7d9b5-abcde', {
      owner: 'ReplicaSet/web-6c8f7d9b5',
      containers: [{}, { name: 'istio-proxy', spec: { resources: { limits: { cpu: '100m' } } } }],
    }),
  ]
  const logs = {
    'shop/web-6c8f7d9b5-abcde/istio-proxy': `${ago(60)} error upstream connect error or disconnect/reset before headers. reset reason: overflow\n`,
  }
  const judge = async (container: string, held: readonly number[]) => {
    const files = cadvisor('node-1', throttled('web-6c8f7d9b5-abcde', [100, 400], held, { container }))
    return (await evaluate(sidecarProxyStarved, { objects, logs, files })).findings
  }

  it('is surer where the kernel holds the proxy up, and not where it holds the application up', async () => {
    expect(await judge('istio-proxy', [0, 200])).toMatchObject([{ strength: 'strong', missing: [] }])
    expect(await judge('istio-proxy', [90, 90])).toMatchObject([{ strength: 'weak' }])
    expect(await judge('app', [0, 200])).toMatchObject([{ strength: 'weak' }])
  })
})
