import { describe, expect, it } from 'vitest'
import { corednsOverloaded } from '../../../src/rules/dns/coredns-overloaded.ts'
import { cadvisor, throttled } from '../../incident/kubelet-answers.ts'
import { coredns } from '../../incident/node-answers.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { crashed, pod, thing } from '../../incident/things.ts'
import { evaluate } from '../check.ts'
import { cluster, INSIDE, LOG_OF_DNS, logs, nameServer, SLOW } from './cluster.ts'

describe('coredns-overloaded', () => {
  it('believes CoreDNS that it has too many questions', async () => {
    const line = '[ERROR] plugin/errors: 2 api.example.com. A: concurrent queries exceeded maximum 1000'
    const outcome = await evaluate(corednsOverloaded, {
      objects: [...cluster, ...nameServer()],
      logs: logs(line, SLOW),
    })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof', subject: { name: 'coredns' } })
  })

  it('is quiet of a slow health check while all names resolve', async () => {
    const line = '[WARNING] plugin/health: Local health request to "http://:8080/health" took more than 1s: 1.2s'
    expect(
      await evaluate(corednsOverloaded, { objects: [...cluster, ...nameServer()], logs: logs(line) }),
    ).toMatchObject({ status: 'clear', rejections: [{}] })
  })

  const killed = nameServer().map((one) =>
    one.kind === 'Pod'
      ? pod('kube-system/coredns-5d4f7c8b9-abcde', {
          owner: 'ReplicaSet/coredns-5d4f7c8b9',
          labels: { 'k8s-app': 'kube-dns' },
          containers: [
            {
              name: 'coredns',
              status: { lastState: crashed({ reason: 'OOMKilled', exitCode: 137, at: 600 }).lastState },
            },
          ],
        })
      : one,
  )

  it('is seen by servers that are killed or slow while lookups get no answer, and by neither alone', async () => {
    const slow = '[WARNING] plugin/health: Local health request to "http://:8080/health" took more than 1s: 1.2s'
    const of = (servers: readonly Thing[], said: string, ...lookups: string[]) =>
      evaluate(corednsOverloaded, { objects: [...cluster, ...servers], logs: logs(said, ...lookups) })
    expect((await of(killed, '[INFO] ready', SLOW)).findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
    expect((await of(nameServer(), slow, SLOW)).findings[0]).toMatchObject({ kind: 'cause', strength: 'weak' })
    expect(await of(nameServer(), '[INFO] ready', SLOW)).toMatchObject({ status: 'clear', rejections: [] })
    expect(await of(killed, '[INFO] ready')).toMatchObject({ status: 'clear', rejections: [{}] })
  })

  it('is quiet where the servers answer that a name does not exist', async () => {
    expect(
      await evaluate(corednsOverloaded, { objects: [...cluster, ...killed], logs: logs('[INFO] ready', INSIDE) }),
    ).toMatchObject({ status: 'clear', rejections: [{}] })
  })

  const late = '[WARNING] plugin/health: Local health request to "http://:8080/health" took more than 1s: 1.2s'
  const others = [pod('shop/mail-1'), ...cluster]
  const ofOther = { 'shop/mail-1/app': `2026-02-01T11:52:00Z ${SLOW}` }

  it('suspects slow servers where one program waits for names, and believes it of several', async () => {
    const objects = [...others, ...nameServer()]
    const strength = async (times: number, more: Record<string, string> = {}) => {
      const [server, ...again] = Array(times).fill(late)
      const said = [server, ...again.map((line) => `2026-02-01T11:59:00Z ${line}`)].join('\n')
      const lines = { ...logs(said, SLOW), ...more }
      return (await evaluate(corednsOverloaded, { objects, logs: lines })).findings[0]?.strength
    }
    expect(await strength(3)).toBe('weak')
    expect(await strength(1, ofOther)).toBe('weak')
    expect(await strength(3, ofOther)).toBe('strong')
  })

  it('sees servers that use all of their CPU limit while names time out, and no fault in those that use half', async () => {
    const limit = { resources: { limits: { cpu: '100m' } } }
    const server = pod('kube-system/coredns-5d4f7c8b9-abcde', {
      owner: 'ReplicaSet/coredns-5d4f7c8b9',
      labels: { 'k8s-app': 'kube-dns' },
      containers: [{ name: 'coredns', spec: limit, status: { state: { running: { startedAt: ago(3600) } } } }],
    })
    const servers = [...nameServer().filter(({ kind }) => kind !== 'Pod'), server]
    const of = (cpu: string, lines: Record<string, string>) => {
      const containers = [{ name: 'coredns', usage: { cpu, memory: '30Mi' } }]
      const used = thing('metrics.k8s.io/v1beta1', 'PodMetrics', 'kube-system/coredns-5d4f7c8b9-abcde', { containers })
      return evaluate(corednsOverloaded, { objects: [...others, ...servers, used], logs: lines })
    }
    const { [LOG_OF_DNS]: _, ...clients } = logs('', SLOW)
    const full = await of('99m', { ...clients, ...ofOther })
    expect(full.findings).toMatchObject([{ kind: 'cause', strength: 'strong' }])
    expect(full.findings[0]?.says).toContain('all of its CPU limit of 100m')
    expect((await of('50m', { ...clients, ...ofOther })).status).toBe('clear')
    expect(await of('99m', {})).toMatchObject({ status: 'clear', rejections: [{}] })
  })

  it('sees servers that the kernel holds up while names time out, and none in those that were held up once', async () => {
    const limit = { resources: { limits: { cpu: '100m' } } }
    const server = pod('kube-system/coredns-5d4f7c8b9-abcde', {
      owner: 'ReplicaSet/coredns-5d4f7c8b9',
      labels: { 'k8s-app': 'kube-dns' },
      containers: [{ name: 'coredns', spec: limit }],
    })
    const objects = [...others, ...nameServer().filter(({ kind }) => kind !== 'Pod'), server]
    const judge = (held: readonly number[]) => {
      const more = { container: 'coredns', namespace: 'kube-system' }
      const files = cadvisor('node-1', throttled('coredns-5d4f7c8b9-abcde', [100, 400], held, more))
      return evaluate(corednsOverloaded, { objects, logs: { ...logs('[INFO] ready', SLOW), ...ofOther }, files })
    }
    expect((await judge([0, 250])).findings).toMatchObject([{ kind: 'cause', strength: 'strong' }])
    expect((await judge([90, 90])).status).toBe('clear')
  })

  it('counts what it refuses while lookups get no answer, and nothing that it once refused', async () => {
    const server = 'kube-system/coredns-5d4f7c8b9-abcde'
    const find = (refused: number | [number, number], ...lookups: string[]) =>
      evaluate(corednsOverloaded, {
        objects: [...cluster, ...nameServer()],
        logs: logs('[INFO] ready', ...lookups),
        files: coredns(server, { refused }),
      })
    const { findings } = await find([10, 250], SLOW)
    expect(findings).toMatchObject([{ strength: 'proof', subject: { name: 'coredns' } }])
    expect(findings[0]?.says).toContain('it refused 240 questions within 30 s')
    expect(await find(250, SLOW)).toMatchObject({ status: 'clear', rejections: [] })
    expect(await find([10, 250])).toMatchObject({ status: 'clear', rejections: [{}] })
  })
})
