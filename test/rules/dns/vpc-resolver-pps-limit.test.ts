import { describe, expect, it } from 'vitest'
import { vpcResolverPpsLimit } from '../../../src/rules/dns/vpc-resolver-pps-limit.ts'
import { event, node } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { cluster, logOf, logs, nameServer, OUTSIDE, UPSTREAM } from './cluster.ts'

describe('vpc-resolver-pps-limit', () => {
  it('names the node of the name servers where the agent of AWS says so', async () => {
    const said = event('', 'Node/node-1', 'LinkLocalExceeded', 'linklocal_allowance_exceeded increased from 0 to 120', {
      component: 'eks-node-monitoring-agent',
    })
    const outcome = await evaluate(vpcResolverPpsLimit, {
      objects: [...cluster, ...nameServer(), node('node-1'), said],
      logs: logOf(OUTSIDE),
    })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
    expect(outcome.findings[0]).toMatchObject({ strength: 'strong' })
  })

  it('is quiet outside of AWS', async () => {
    expect(
      (
        await evaluate(vpcResolverPpsLimit, {
          objects: [...cluster, ...nameServer(), node('node-1')],
          logs: logs(UPSTREAM, OUTSIDE),
        })
      ).status,
    ).toBe('clear')
  })
})
