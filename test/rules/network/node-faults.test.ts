import { describe, expect, it } from 'vitest'
import { arpNeighborTableOverflow } from '../../../src/rules/network/arp-neighbor-table-overflow.ts'
import { conntrackTableFull } from '../../../src/rules/network/conntrack-table-full.ts'
import { enaBandwidthOrPpsExceeded } from '../../../src/rules/network/ena-bandwidth-or-pps-exceeded.ts'
import { eniConntrackAllowanceExceeded } from '../../../src/rules/network/eni-conntrack-allowance-exceeded.ts'
import { listenBacklogOverflow } from '../../../src/rules/network/listen-backlog-overflow.ts'
import { nodeFirewallTampering } from '../../../src/rules/network/node-firewall-tampering.ts'
import type { Rule } from '../../../src/rules/rule.ts'
import { ago } from '../../incident/scene.ts'
import { event, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const nodes = [node('n1'), node('n2')]
const signal = (reason: string, message: string, last = 120) =>
  event('', 'Node/n1', reason, message, { last, component: 'eks-node-monitoring-agent' })
const FULL = 'nf_conntrack: nf_conntrack: table full, dropping packet'

describe('faults of the network of a node', () => {
  it.each<[Rule, string, string, string]>([
    [conntrackTableFull, 'ConntrackFull', FULL, 'cause proof'],
    [conntrackTableFull, 'ConntrackExceededKernel', 'Connection tracking table of the kernel exceeded', 'cause proof'],
    [arpNeighborTableOverflow, 'KernelLog', 'neighbour: arp_cache: neighbor table overflow!', 'cause proof'],
    [eniConntrackAllowanceExceeded, 'ConntrackExceeded', 'exceeded', 'risk strong'],
    [enaBandwidthOrPpsExceeded, 'PPSExceeded', 'exceeded', 'amplifier strong'],
    [nodeFirewallTampering, 'MissingDefaultRoutes', 'no default route', 'cause strong'],
    [nodeFirewallTampering, 'UnexpectedRejectRule', 'a rule', 'risk weak'],
    [
      listenBacklogOverflow,
      'KernelLog',
      'TCP: request_sock_TCP: Possible SYN flooding on port 8080. Sending cookies.',
      'amplifier weak',
    ],
  ])('are what is said of it: $id %s', async (rule, reason, message, expected) => {
    const outcome = await evaluate(rule, { objects: [...nodes, signal(reason, message)] })
    expect(outcome.findings.map(({ kind, strength, subject }) => `${kind} ${strength} ${subject.name}`)).toEqual([
      `${expected} n1`,
    ])
  })

  it('are over when nobody has said them for long', async () => {
    const outcome = await evaluate(conntrackTableFull, { objects: [...nodes, signal('ConntrackFull', FULL, 3000)] })
    expect(outcome.status).toBe('clear')
    expect(outcome.rejections).toHaveLength(1)
  })

  it('are not what some program logs', async () => {
    const logs = { 'shop/web-1/app': `${ago(90)} level=error msg="${FULL}"\n` }
    const objects = [...nodes, pod('shop/web-1', { node: 'n1' })]
    expect((await evaluate(conntrackTableFull, { objects, logs })).status).toBe('clear')
  })

  it('become causes where pods of the node suffer', async () => {
    const sick = pod('shop/web-1', { node: 'n1', ready: false })
    const outcome = await evaluate(eniConntrackAllowanceExceeded, {
      objects: [...nodes, sick, signal('ConntrackExceeded', 'exceeded')],
    })
    expect(outcome.findings[0]?.kind).toBe('cause')
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Pod', namespace: 'shop', name: 'web-1' })
    expect(subjectsOf(outcome)).toEqual(['Node n1'])
  })
})
