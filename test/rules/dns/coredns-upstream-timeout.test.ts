import { describe, expect, it } from 'vitest'
import { corednsUpstreamTimeout } from '../../../src/rules/dns/coredns-upstream-timeout.ts'
import { coredns } from '../../incident/node-answers.ts'
import { pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { cluster, logOf, logs, nameServer, OUTSIDE, SLOW, UPSTREAM } from './cluster.ts'

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

  it('is what it counts of upstreams that are not well, if several programs suffer', async () => {
    const find = (broken: number | [number, number], clients: number) =>
      evaluate(corednsUpstreamTimeout, {
        objects: [...cluster, ...nameServer(), ...(clients > 1 ? [pod('shop/mail-1')] : [])],
        logs: {
          ...logOf(clients > 0 ? OUTSIDE : 'ready'),
          ...(clients > 1 ? { 'shop/mail-1/app': `2026-02-01T11:52:00Z ${OUTSIDE}` } : {}),
        },
        files: coredns('kube-system/coredns-5d4f7c8b9-abcde', { broken }),
      })
    const { findings } = await find([3, 90], 2)
    expect(findings).toMatchObject([{ strength: 'strong' }])
    expect(findings[0]?.says).toContain('none of the upstreams of CoreDNS was well for 87 questions within 30 s')
    expect((await find([3, 90], 1)).findings).toMatchObject([{ strength: 'weak' }])
    expect((await find(90, 2)).findings).toMatchObject([{ strength: 'weak' }])
    expect(await find(90, 1)).toMatchObject({ status: 'clear', rejections: [] })
    expect(await find([3, 90], 0)).toMatchObject({ status: 'clear', rejections: [{}] })
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

  it('is weak where only programs say it, and nothing where one alone does', async () => {
    const place = 'ops/mailer-6c8f7d9b5-abcde'
    const mailer = pod(place, { owner: 'ReplicaSet/mailer-6c8f7d9b5', ready: false })
    const objects = [...cluster, mailer, ...nameServer()]
    const one = logOf(OUTSIDE)
    const two = { ...one, [`${place}/app`]: `2026-02-01T11:58:00Z ${OUTSIDE}` }
    expect((await evaluate(corednsUpstreamTimeout, { objects, logs: two })).findings[0]).toMatchObject({
      strength: 'weak',
    })
    expect((await evaluate(corednsUpstreamTimeout, { objects, logs: one })).status).toBe('clear')
  })

  it('is quiet of a host that the upstream answers does not exist', async () => {
    const absent = 'Error: getaddrinfo ENOTFOUND nothing.example.com'
    const objects = [...cluster, ...nameServer()]
    expect(await evaluate(corednsUpstreamTimeout, { objects, logs: logs(UPSTREAM, absent) })).toMatchObject({
      status: 'clear',
      rejections: [{}],
    })
  })
})
