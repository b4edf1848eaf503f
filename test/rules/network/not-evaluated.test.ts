import { expect, it } from 'vitest'
import { mtuMismatch } from '../../../src/rules/network/mtu-mismatch.ts'
import { natPortAllocationExhausted } from '../../../src/rules/network/nat-port-allocation-exhausted.ts'
import { podGatewayUnreachable } from '../../../src/rules/network/pod-gateway-unreachable.ts'
import { securityGroupOrNaclBlock } from '../../../src/rules/network/security-group-or-nacl-block.ts'
import { slowClientThreadExhaustion } from '../../../src/rules/network/slow-client-thread-exhaustion.ts'
import { node } from '../../incident/things.ts'
import { evaluate } from '../check.ts'

it.each([
  mtuMismatch,
  natPortAllocationExhausted,
  podGatewayUnreachable,
  securityGroupOrNaclBlock,
  slowClientThreadExhaustion,
])('$id says which evidence it lacks', async (rule) => {
  const outcome = await evaluate(rule, { objects: [node('node-1')] })
  expect(outcome.status).toBe('not-evaluated')
  expect('why' in outcome && rule.needs.some((kind) => outcome.why.includes(kind))).toBe(true)
})
