import { describe, expect, it } from 'vitest'
import { ndotsAmplification } from '../../../src/rules/dns/ndots-amplification.ts'
import { ago } from '../../incident/scene.ts'
import { pod, service } from '../../incident/things.ts'
import { evaluate } from '../check.ts'
import { cluster, nameServer } from './cluster.ts'

const SERVER = nameServer().find(({ kind }) => kind === 'Pod')?.metadata as { name: string; namespace: string }
const caller = pod('shop/web-6c8f7d9b5-x7k2p', {
  owner: 'ReplicaSet/web-6c8f7d9b5',
  status: { podIP: '10.244.1.5' },
})

/** The last lines of the name server, one for each name. */
const answering = (...queries: (readonly [name: string, code: string])[]) => ({
  objects: [...cluster, ...nameServer(), caller, service('shop/db')],
  logs: {
    [`${SERVER.namespace}/${SERVER.name}/coredns`]: queries
      .map(
        ([name, code]) =>
          `${ago(9)} [INFO] 10.244.1.5:43210 - 12345 "A IN ${name}. udp 60 false 512" ${code} qr,aa,rd 153 0.0001s\n`,
      )
      .join(''),
  },
})
const times = <T>(number: number, one: T): T[] => Array.from({ length: number }, () => one)
const SEARCHED = ['api.example.com.shop.svc.cluster.local', 'NXDOMAIN'] as const

describe('ndots-amplification', () => {
  it('counts the hosts with a suffix behind them among the last questions, and names who asks', async () => {
    const outcome = await evaluate(
      ndotsAmplification,
      answering(...times(15, SEARCHED), ...times(5, ['api.example.com', 'NOERROR'] as const)),
    )
    expect(outcome.findings[0]).toMatchObject({ kind: 'amplifier', subject: { name: 'coredns' } })
    expect(outcome.findings[0]?.says).toContain('15 of the last 20 questions')
    expect(outcome.findings[0]?.says).toContain('15 of them come from Deployment shop/web')
  })

  it('says what is missing where CoreDNS logs no queries, or too few', async () => {
    for (const scene of [answering(), answering(...times(10, SEARCHED))]) {
      const outcome = await evaluate(ndotsAmplification, scene)
      expect(outcome.findings).toEqual([])
      expect(outcome.rejections[0]?.says).toContain('plugin log')
    }
    const denied = await evaluate(ndotsAmplification, { ...answering(), denied: ['logs'] })
    expect(denied).toMatchObject({ status: 'not-evaluated', why: expect.stringContaining('logs') })
  })

  it.each([
    ['names of the cluster that are there', ['db.shop.svc.cluster.local', 'NOERROR']],
    ['a Service that is not', ['ledger.shop.svc.cluster.local', 'NXDOMAIN']],
    ['a pod that is not, of a Service that is', ['db-0.db.shop.svc.cluster.local', 'NXDOMAIN']],
    ['a host that is not, as it is written', ['api.example.com', 'NXDOMAIN']],
  ] as const)('is quiet about %s', async (_, query) => {
    expect((await evaluate(ndotsAmplification, answering(...times(20, query)))).findings).toEqual([])
  })
})
