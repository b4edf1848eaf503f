import { describe, expect, it } from 'vitest'
import { dnsConntrackRace5s } from '../../../src/rules/dns/dns-conntrack-race-5s.ts'
import { type CountedTable, connections, tableOf } from '../../incident/kernel-connections.ts'
import { ago, repeated, type Thing } from '../../incident/scene.ts'
import { node, pod } from '../../incident/things.ts'
import { evaluate } from '../check.ts'
import { cluster, LOG_OF_DNS, nameServer, SLOW } from './cluster.ts'

const web = (number: number, on: string, ready = true): Thing =>
  pod(`shop/web-${number}`, { node: on, ready, status: { podIP: `10.244.0.${20 + number}` } })
const asks = (endpoint = '10.244.0.10:53') =>
  connections(40, '10.244.0.21', '10.96.0.10:53', { endpoint, protocol: 'udp' })
const LOSSY: CountedTable = { count: [40, 40], drop: [5, 45], insert_failed: [10, 52], entries: asks() }
const CALM: CountedTable = { ...LOSSY, drop: [5, 5], insert_failed: [10, 10] }
const late = (number: number, times = 12) => ({ [`shop/web-${number}/app`]: repeated(SLOW, times, 600, 30) })

const of = (
  tables: Readonly<Record<string, CountedTable>>,
  logs: Record<string, string> = late(1),
  pods: readonly Thing[] = [web(1, 'n1'), web(2, 'n2')],
  servers: readonly Thing[] = nameServer(),
) => {
  const files = Object.entries(tables).map(([name, table]) => tableOf(name, table))
  const objects = [node('n1'), node('n2'), ...pods, ...cluster.slice(1), ...servers]
  return evaluate(dnsConntrackRace5s, { objects, logs, files: Object.assign({}, ...files) })
}

describe('dns-conntrack-race-5s', () => {
  it('is likely where a node that translates lookups loses packets to others, and lookups there get no answer', async () => {
    const { findings } = await of({ n1: LOSSY, n2: CALM })
    expect(findings).toMatchObject([{ kind: 'cause', strength: 'strong', subject: { name: 'coredns' }, against: [] }])
    expect(findings[0]?.says).toContain('n1 lost 40 packets within 30 s')
    expect(findings[0]?.affects).toContainEqual({ kind: 'Node', name: 'n1' })
  })

  it('is doubted where a node loses as much and nobody waits, or where who waits never starts', async () => {
    expect((await of({ n1: LOSSY, n2: LOSSY })).findings).toMatchObject([{ strength: 'weak', against: [{}] }])
    expect((await of({ n1: LOSSY }, late(1, 2))).findings).toMatchObject([{ strength: 'weak' }])
    expect((await of({ n1: LOSSY }, late(1), [web(1, 'n1', false)])).findings).toMatchObject([{ strength: 'weak' }])
  })

  it.each([
    ['no lookup waits', { n1: LOSSY }, {}],
    ['lookups wait elsewhere', { n1: LOSSY }, late(2)],
    ['lookups wait on a node that loses none', { n1: LOSSY, n2: CALM }, { ...late(1), ...late(2) }],
    [
      'the name servers are late',
      { n1: LOSSY },
      {
        ...late(1),
        [LOG_OF_DNS]: `${ago(80)} [ERROR] plugin/errors: 2 a.example.com. A: concurrent queries exceeded maximum 1000`,
      },
    ],
  ])('says why not where %s', async (_, tables, logs) => {
    expect(await of(tables, logs)).toMatchObject({ status: 'clear', rejections: [{}] })
  })

  it.each([
    ['packets were kept, as kernels before 5.10 count them too', { ...LOSSY, drop: [5, 5] }],
    ['packets were dropped for want of room', { ...LOSSY, insert_failed: [10, 10] }],
    ['chains of the hash were too long', { ...LOSSY, chainlength: [3, 44] }],
    ['few were lost', { ...LOSSY, drop: [5, 7] }],
    ['nothing is known of what grew', { ...LOSSY, count: [40] }],
    ['a cache on the node answers', { ...LOSSY, entries: asks('10.96.0.10:53') }],
    [
      'nobody asks by UDP',
      { ...LOSSY, entries: connections(4, '10.244.0.21', '10.96.0.10:53', { endpoint: '10.244.0.10:53' }) },
    ],
  ])('is quiet where %s', async (_, table) => {
    expect(await of({ n1: table })).toMatchObject({ status: 'clear', rejections: [] })
  })

  it('has nothing to say where no name server is ready: all lookups wait then, whatever is lost', async () => {
    const down = nameServer({ ready: false })
    expect(await of({ n1: LOSSY }, late(1), [web(1, 'n1')], down)).toMatchObject({ status: 'clear', rejections: [] })
  })

  it('says which evidence alone can tell', async () => {
    const outcome = await evaluate(dnsConntrackRace5s, { objects: [] })
    expect(outcome).toMatchObject({ status: 'not-evaluated', why: expect.stringContaining('conntrack') })
  })
})
