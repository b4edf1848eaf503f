import { describe, expect, it } from 'vitest'
import { sidecarProxyStarved } from '../../../src/rules/workload/sidecar-proxy-starved.ts'
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
    expect(
      (await evaluate(sidecarProxyStarved, { objects: [meshed(killed, { status: { ready: true } })] })).status,
    ).toBe('clear')
    expect((await evaluate(sidecarProxyStarved, { objects: [meshed(killed, killed)] })).rejections).toHaveLength(1)
  })
})
