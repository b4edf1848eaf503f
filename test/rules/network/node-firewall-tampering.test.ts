import { describe, expect, it } from 'vitest'
import { nodeFirewallTampering } from '../../../src/rules/network/node-firewall-tampering.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { crashed, node, pod } from '../../incident/things.ts'
import { evaluate } from '../check.ts'
import { nodes, signal } from './node-signals.ts'

const found = async (objects: readonly Thing[], logs = {}) =>
  (await evaluate(nodeFirewallTampering, { objects: [...nodes, ...objects], logs })).findings.map(
    ({ kind, strength, subject }) => `${kind} ${strength} ${subject.name}`,
  )
const RULE = 'UnexpectedRejectRule'
const calls = { 'shop/web-1/app': `${ago(90)} level=error msg="dial tcp 203.0.113.7:443: i/o timeout"\n` }
const web = pod('shop/web-1', { node: 'n1' })

describe('node-firewall-tampering', () => {
  it('believes that an interface is down', async () => {
    expect(await found([signal('InterfaceNotUp', 'eth1 is down')])).toEqual(['cause strong n1'])
  })

  it('takes missing routes for the cause where pods of the node suffer: they are missing for a moment on any day', async () => {
    const missing = signal('MissingIPRoutes', 'no route for 10.0.0.7')
    expect(await found([missing])).toEqual(['risk strong n1'])
    expect(await found([missing, pod('shop/web-1', { node: 'n1', ready: false })])).toEqual(['cause strong n1'])
  })

  it('takes a rule of a firewall for the cause only where calls get no answer', async () => {
    const crash = pod('shop/web-1', { node: 'n1', ready: false, containers: [{ status: crashed() }] })
    expect(await found([signal(RULE, 'a rule'), crash])).toEqual(['risk weak n1'])
    expect(await found([signal(RULE, 'a rule'), web], calls)).toEqual(['cause weak n1'])
  })

  it('blames no node for what most nodes say', async () => {
    const all = [signal(RULE, 'a rule'), signal(RULE, 'a rule', 'n2'), web]
    expect(await found(all, calls)).toEqual(['risk weak n1', 'risk weak n2'])
  })

  it('says that most nodes say so, where there are several', async () => {
    const told = async (...objects: readonly Thing[]) =>
      (await evaluate(nodeFirewallTampering, { objects, logs: calls })).findings.map(
        ({ kind, says }) => `${kind} ${says.includes('most nodes say so')}`,
      )
    const one = signal(RULE, 'a rule')
    expect(await told(...nodes, one, signal(RULE, 'a rule', 'n2'), web)).toEqual(['risk true', 'risk true'])
    expect(await told(...nodes, one, web)).toEqual(['cause false'])
    expect(await told(node('n1'), one, web)).toEqual(['cause false'])
  })
})
