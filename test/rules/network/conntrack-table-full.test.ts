import { describe, expect, it } from 'vitest'
import { conntrackTableFull } from '../../../src/rules/network/conntrack-table-full.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { crashed, pod, service } from '../../incident/things.ts'
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
})
