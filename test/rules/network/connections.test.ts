import { describe, expect, it } from 'vitest'
import { ephemeralPortExhaustion } from '../../../src/rules/network/ephemeral-port-exhaustion.ts'
import { http2ConnectionPinning } from '../../../src/rules/network/http2-connection-pinning.ts'
import { natIdleTimeoutReset } from '../../../src/rules/network/nat-idle-timeout-reset.ts'
import { nitroV6ConntrackIdle350 } from '../../../src/rules/network/nitro-v6-conntrack-idle-350.ts'
import { nlbIdleTimeoutReset } from '../../../src/rules/network/nlb-idle-timeout-reset.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { crashed, node, pod, service } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const web = pod('shop/web-1', { labels: { app: 'web' } })
const logged = (words: string, seconds: readonly number[]) => ({
  'shop/web-1/app': `${seconds.map((at) => `${ago(at)} level=error msg="${words}"`).join('\n')}\n`,
})
const burst = [100, 99, 98, 97, 96, 95]
const aws = (type: string): Thing =>
  node('node-1', {
    metadata: { labels: { 'node.kubernetes.io/instance-type': type } },
    spec: { providerID: 'aws:///eu-central-1a/i-0123456789abcdef0' },
  })

describe('ephemeral-port-exhaustion', () => {
  it('is a burst of connections without a port', async () => {
    const logs = logged('dial tcp 10.0.0.9:6379: connect: cannot assign requested address', burst)
    expect(subjectsOf(await evaluate(ephemeralPortExhaustion, { objects: [web], logs }))).toEqual(['Pod shop/web-1'])
  })

  it.each([
    ['a listener', 'listen tcp 10.0.0.9:6379: bind: cannot assign requested address', burst],
    ['a pod without IPv6', 'dial tcp [2600:1f00::1]:443: connect: cannot assign requested address', burst],
    ['one line', 'dial tcp 10.0.0.9:6379: connect: cannot assign requested address', [100]],
    ['long ago', 'dial tcp 10.0.0.9:6379: connect: cannot assign requested address', burst.map((at) => at + 7200)],
  ])('is not %s', async (_, words, seconds) => {
    expect((await evaluate(ephemeralPortExhaustion, { objects: [web], logs: logged(words, seconds) })).status).toBe(
      'clear',
    )
  })
})

describe('resets after silence', () => {
  const RESET = 'read tcp 10.244.0.10:50000->203.0.113.7:443: read: connection reset by peer'
  const rare = [3000, 2400, 1700, 900]

  it('suggest a NAT gateway for calls to the outside', async () => {
    const objects = [aws('m5.large'), web]
    const outcome = await evaluate(natIdleTimeoutReset, { objects, logs: logged(RESET, rare) })
    expect(outcome.findings.map(({ strength, subject }) => `${strength} ${subject.name}`)).toEqual(['weak web-1'])
  })

  it('are nothing where they come in bursts, within the cluster, or elsewhere than on AWS', async () => {
    const objects = [aws('m5.large'), web]
    expect((await evaluate(natIdleTimeoutReset, { objects, logs: logged(RESET, burst) })).status).toBe('clear')
    const inside = logged(RESET.replace('203.0.113.7', '10.0.0.7'), rare)
    expect((await evaluate(natIdleTimeoutReset, { objects, logs: inside })).status).toBe('clear')
    expect(
      (await evaluate(natIdleTimeoutReset, { objects: [node('node-1'), web], logs: logged(RESET, rare) })).status,
    ).toBe('clear')
  })

  it('suggest the interface of new machines for any call', async () => {
    const inside = logged(RESET.replace('203.0.113.7', '10.0.0.7'), rare)
    expect((await evaluate(nitroV6ConntrackIdle350, { objects: [aws('m8i.large'), web], logs: inside })).status).toBe(
      'fired',
    )
    expect((await evaluate(nitroV6ConntrackIdle350, { objects: [aws('m7i.large'), web], logs: inside })).status).toBe(
      'clear',
    )
  })

  it('suggest the load balancer in front of what is called', async () => {
    const logs = logged('client closed: connection reset by peer', rare)
    const balanced = service('shop/web', { spec: { type: 'LoadBalancer' } })
    expect((await evaluate(nlbIdleTimeoutReset, { objects: [aws('m5.large'), web, balanced], logs })).status).toBe(
      'fired',
    )
    expect(
      (await evaluate(nlbIdleTimeoutReset, { objects: [aws('m5.large'), web, service('shop/web')], logs })).status,
    ).toBe('clear')
  })
})

describe('http2-connection-pinning', () => {
  const grpc = (patch = {}) =>
    service('shop/api', {
      spec: { ports: [{ name: 'grpc', port: 9000, targetPort: 9000, protocol: 'TCP' }], ...patch },
    })
  const api = (number: number, isHot = false): Thing =>
    pod(`shop/api-6c8f7d9b5-${number}`, {
      owner: 'ReplicaSet/api-6c8f7d9b5',
      labels: { app: 'api' },
      ready: !isHot,
      containers: [{ status: isHot ? crashed({ restarts: 6, reason: 'OOMKilled', exitCode: 137 }) : {} }],
    })

  it('suspects it where one pod of a gRPC service restarts and its siblings never did', async () => {
    const outcome = await evaluate(http2ConnectionPinning, { objects: [grpc(), api(1, true), api(2), api(3)] })
    expect(outcome.findings.map(({ strength, subject }) => `${strength} ${subject.name}`)).toEqual(['weak api'])
  })

  it('is quiet where several restart, where clients are bound on purpose, and for plain HTTP', async () => {
    expect(
      (await evaluate(http2ConnectionPinning, { objects: [grpc(), api(1, true), api(2, true), api(3)] })).status,
    ).toBe('clear')
    const bound = await evaluate(http2ConnectionPinning, {
      objects: [grpc({ sessionAffinity: 'ClientIP' }), api(1, true), api(2), api(3)],
    })
    expect([bound.status, bound.rejections.length]).toEqual(['clear', 1])
    expect(
      (await evaluate(http2ConnectionPinning, { objects: [service('shop/api'), api(1, true), api(2), api(3)] })).status,
    ).toBe('clear')
  })
})
