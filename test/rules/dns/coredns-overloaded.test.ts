import { describe, expect, it } from 'vitest'
import { corednsOverloaded } from '../../../src/rules/dns/coredns-overloaded.ts'
import { evaluate } from '../check.ts'
import { cluster, logs, nameServer, SLOW } from './cluster.ts'

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
})
