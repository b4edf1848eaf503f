import { describe, expect, it } from 'vitest'
import { corednsUpstreamTimeout } from '../../../src/rules/dns/coredns-upstream-timeout.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { cluster, logs, nameServer, OUTSIDE, SLOW, UPSTREAM } from './cluster.ts'

describe('coredns-upstream-timeout', () => {
  it('needs a program that suffers from it', async () => {
    const objects = [...cluster, ...nameServer()]
    const outcome = await evaluate(corednsUpstreamTimeout, { objects, logs: logs(UPSTREAM, OUTSIDE) })
    expect(subjectsOf(outcome)).toEqual(['Deployment kube-system/coredns'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
    expect(await evaluate(corednsUpstreamTimeout, { objects, logs: logs(UPSTREAM) })).toMatchObject({
      status: 'clear',
      rejections: [{}],
    })
  })

  it('is weak where Services do not resolve either', async () => {
    const outcome = await evaluate(corednsUpstreamTimeout, {
      objects: [...cluster, ...nameServer()],
      logs: logs(UPSTREAM, OUTSIDE, SLOW),
    })
    expect(outcome.findings[0]).toMatchObject({ strength: 'weak', against: [{}] })
  })

  it('leaves a name to dns-name-not-found that no Service has', async () => {
    const line = UPSTREAM.replace('api.example.com', 'postgrs')
    expect(
      (
        await evaluate(corednsUpstreamTimeout, {
          objects: [...cluster, ...nameServer()],
          logs: logs(line, 'Error: getaddrinfo EAI_AGAIN postgrs'),
        })
      ).findings,
    ).toEqual([])
  })
})
