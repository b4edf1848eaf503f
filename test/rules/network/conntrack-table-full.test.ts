import { describe, expect, it } from 'vitest'
import { conntrackTableFull } from '../../../src/rules/network/conntrack-table-full.ts'
import { connections, tableOf } from '../../incident/kernel-connections.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { crashed, endpointSlice, pod, service } from '../../incident/things.ts'
import { evaluate } from '../check.ts'
import { nodes, signal } from './node-signals.ts'

const FULL = 'nf_conntrack: nf_conntrack: table full, dropping packet'
const USED = signal('ConntrackFull', 'Conntrack table usage over 90%: 250000 out of 262144')
const kindsOf = async (...[objects, logs = {}]: [Parameters<typeof evaluate>[1]['objects'], Record<string, string>?]) =>
  (await evaluate(conntrackTableFull, { objects: [...nodes, ...objects], logs })).findings.map(
    ({ kind, strength, subject }) => `${kind} ${strength} ${subject.name}`,
  )

describe('conntrack-table-full', () => {
  it.each([
    ['KernelLog', FULL],
    ['KernelLog', 'ip_conntrack: table full, dropping packet.'],
    ['ConntrackExceededKernel', 'new connections could not be established'],
  ])('is what the kernel says of dropped packets: %s %s', async (reason, message) => {
    expect(await kindsOf([signal(reason, message)])).toEqual(['cause proof n1'])
  })

  it('is not sure that it is why a program ends by itself, or waits for who cannot answer', async () => {
    const ends = pod('shop/web-1', { node: 'n1', ready: false, created: 5000, containers: [{ status: crashed() }] })
    const told = (log: string, ...objects: readonly Thing[]) =>
      kindsOf([signal('KernelLog', FULL), ends, ...objects], { 'shop/web-1/app': `${ago(90)} ${log}\n` })
    expect(await told('panic: runtime error: index out of range [3]')).toEqual(['cause weak n1'])
    expect(await told('level=error msg="dial tcp 203.0.113.7:443: i/o timeout"')).toEqual(['cause proof n1'])
    const db = [
      pod('shop/db-0', { node: 'n2', labels: { app: 'db' }, ready: false }),
      service('shop/db'),
      endpointSlice('shop/db', [{ pod: 'db-0', ready: false }]),
    ]
    expect(await told('level=error msg="dial tcp 10.96.0.20:80: i/o timeout"', ...db)).toEqual(['cause strong n1'])
  })

  it('names who gets no answer from a pod of the node, wherever the caller is', async () => {
    const objects = [
      ...nodes,
      signal('KernelLog', FULL),
      pod('shop/db-0', { node: 'n1', labels: { app: 'db' } }),
      service('shop/db'),
      pod('shop/web-1', { node: 'n2' }),
    ]
    const logs = { 'shop/web-1/app': `${ago(90)} level=error msg="dial tcp 10.96.0.20:80: i/o timeout"\n` }
    const { findings } = await evaluate(conntrackTableFull, { objects, logs })
    expect(findings[0]?.affects?.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['Pod web-1', 'Service db'])
  })

  it('is a risk where the table is only nearly full, until calls get no answer', async () => {
    expect(await kindsOf([USED])).toEqual(['risk weak n1'])
    expect(
      await kindsOf([USED, pod('shop/web-1', { node: 'n1', ready: false, containers: [{ status: crashed() }] })]),
    ).toEqual(['risk weak n1'])
    const logs = { 'shop/web-1/app': `${ago(90)} level=error msg="dial tcp 203.0.113.7:443: i/o timeout"\n` }
    expect(await kindsOf([USED, pod('shop/web-1', { node: 'n1' })], logs)).toEqual(['cause strong n1'])
    const told = async (...objects: readonly Thing[]) =>
      (await evaluate(conntrackTableFull, { objects: [...nodes, USED, ...objects], logs })).findings[0]?.says
    expect(await told(pod('shop/web-1', { node: 'n1' }))).toContain('calls of its pods get no answer')
    expect(await told()).toContain('nothing is known to be dropped')
  })

  it('is over when nobody has said it for long, and not what some program logs', async () => {
    const old = await evaluate(conntrackTableFull, { objects: [...nodes, signal('KernelLog', FULL, 'n1', 3000)] })
    expect([old.status, old.rejections.length]).toEqual(['clear', 1])
    const logs = { 'shop/web-1/app': `${ago(90)} level=error msg="${FULL}"\n` }
    expect(await kindsOf([pod('shop/web-1', { node: 'n1' })], logs)).toEqual([])
  })

  it('is not the allowance of the interface', async () => {
    expect(await kindsOf([signal('ConntrackExceeded', 'exceeded')])).toEqual([])
  })

  describe('by what the kernel counts', () => {
    const DROPS = { count: [990, 1000], drop: [50, 950], insert_failed: [10, 20] }
    const waiting = { 'shop/web-1/app': `${ago(90)} level=error msg="dial tcp 203.0.113.7:443: i/o timeout"\n` }
    const web = pod('shop/web-1', { node: 'n1' })
    const of = (files: Record<string, string>, logs: Record<string, string> = waiting, ...objects: readonly Thing[]) =>
      evaluate(conntrackTableFull, { objects: [...nodes, web, ...objects], logs, files })
    const told = async (...given: Parameters<typeof of>) =>
      (await of(...given)).findings.map(({ kind, strength, subject }) => `${kind} ${strength} ${subject.name}`)

    it('is proved where packets are dropped for want of room while calls of its pods get no answer', async () => {
      const { findings } = await of(tableOf('n1', DROPS))
      expect(findings.map(({ kind, strength }) => `${kind} ${strength}`)).toEqual(['cause proof'])
      expect(findings[0]?.says).toContain(
        '1000 of 1000 connections are kept in mind, 890 packets were dropped within 30 s',
      )
      expect(findings[0]?.affects).toContainEqual({ kind: 'Pod', namespace: 'shop', name: 'web-1' })
      expect(await told(tableOf('n1', DROPS), {})).toEqual(['risk strong n1'])
    })

    it('names who fills it', async () => {
      const entries = connections(9, '10.244.0.10', '203.0.113.7:443')
      const { findings } = await of(tableOf('n1', { ...DROPS, entries }))
      expect(findings[0]?.says).toContain('100 % of them by web-1')
    })

    it('is likely where it throws entries out, or is full in the one sample that there is', async () => {
      expect(await told(tableOf('n1', { count: [700, 700], early_drop: [5, 900] }))).toEqual(['cause strong n1'])
      expect(await told(tableOf('n1', { count: [990] }))).toEqual(['cause strong n1'])
      expect(await told(tableOf('n1', { count: [990] }), {})).toEqual(['risk weak n1'])
    })

    it('is only a risk while nothing is dropped', async () => {
      expect(await told(tableOf('n1', { count: [990, 990], drop: [900, 900], early_drop: [70, 70] }))).toEqual([
        'risk weak n1',
      ])
    })

    it('is not one with room, whatever was dropped for other reasons', async () => {
      const quiet = [
        { count: [100, 100], drop: [0, 900] },
        { count: [100, 100], insert_failed: [0, 900] },
        { count: [949, 949], drop: [7, 7] },
        { count: [5, 9], max: 0 },
      ]
      for (const table of quiet) expect(await told(tableOf('n1', table))).toEqual([])
      expect(await told(tableOf('n1', { count: [990, 990], drop: [0, 900], insert_failed: [0, 900] }))).toEqual([
        'risk weak n1',
      ])
    })

    it('is doubted where a node on which nobody suffers drops as much', async () => {
      const both = { ...tableOf('n1', DROPS), ...tableOf('n2', DROPS) }
      const { findings } = await of(both)
      const first = findings.find(({ subject }) => subject.name === 'n1')
      expect(first?.against?.[0]?.says).toContain('n2, where nobody suffers')
      const other = pod('shop/shop-1', { node: 'n2' })
      const alike = await of(both, { ...waiting, 'shop/shop-1/app': waiting['shop/web-1/app'] }, other)
      expect(alike.findings.map(({ against }) => against)).toEqual([[], []])
      const less = { ...tableOf('n1', DROPS), ...tableOf('n2', { ...DROPS, drop: [0, 300] }) }
      expect((await of(less)).findings.find(({ subject }) => subject.name === 'n1')?.against).toEqual([])
    })

    it('is not proved by calls of pods elsewhere, and doubted where those of a node with room fail alike', async () => {
      const one = (name: string, on: string) => pod(`shop/${name}`, { node: on, owner: 'ReplicaSet/shop-6c8f7d9b5' })
      const says = (name: string) => ({ [`shop/${name}/app`]: waiting['shop/web-1/app'] })
      const files = { ...tableOf('n1', DROPS), ...tableOf('n2', { count: [10, 10] }) }
      const of = async (logs: Record<string, string>, ...more: readonly Thing[]) => {
        const objects = [...nodes, one('a-1', 'n1'), one('a-2', 'n2'), ...more]
        const { findings } = await evaluate(conntrackTableFull, { objects, logs, files })
        return findings.map(({ kind, strength, against }) => `${kind} ${strength} ${against?.[0]?.says ?? ''}`)
      }
      expect(await of(says('a-1'))).toEqual(['cause proof '])
      expect(await of(says('a-2'))).toEqual(['cause strong '])
      expect(await of({ ...says('a-1'), ...says('a-2') })).toEqual([
        'cause proof a-2 on n2, whose table has room, gets no answer from 203.0.113.7:443 either.',
      ])
      // Whoever calls a pod of the node suffers from it, wherever it runs.
      const target = [service('shop/db', { spec: { clusterIP: '203.0.113.7', ports: [{ port: 443 }] } })]
      const behind = pod('shop/db-1', { node: 'n1', labels: { app: 'db' } })
      expect(await of({ ...says('a-1'), ...says('a-2') }, ...target, behind)).toEqual(['cause proof '])
    })

    it('joins what others say of the same node', async () => {
      const kernel = signal('KernelLog', FULL)
      const { findings } = await of(tableOf('n1', DROPS), waiting, kernel)
      expect(findings.length).toBe(1)
      expect(findings[0]?.says).toContain('890 packets were dropped')
      expect(findings[0]?.cites.length).toBe(5)
      expect(await told(tableOf('n1', DROPS), waiting, USED)).toEqual(['cause proof n1'])
      const idle = await of(tableOf('n1', { count: [910, 910] }), waiting, USED)
      expect(idle.findings[0]).toMatchObject({ kind: 'cause', strength: 'weak' })
      expect(idle.findings[0]?.against?.[0]?.says).toContain('dropped nothing within 30 s')
    })
  })
})
