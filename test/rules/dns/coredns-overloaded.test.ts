import { describe, expect, it } from 'vitest'
import { corednsOverloaded } from '../../../src/rules/dns/coredns-overloaded.ts'
import type { Thing } from '../../incident/scene.ts'
import { crashed, pod } from '../../incident/things.ts'
import { evaluate } from '../check.ts'
import { cluster, INSIDE, logs, nameServer, SLOW } from './cluster.ts'

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
})
