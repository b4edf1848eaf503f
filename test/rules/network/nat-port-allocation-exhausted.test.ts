import { expect, it } from 'vitest'
import { natPortAllocationExhausted } from '../../../src/rules/network/nat-port-allocation-exhausted.ts'
import { ago } from '../../incident/scene.ts'
import { node, pod } from '../../incident/things.ts'
import { evaluate } from '../check.ts'

it('says that nothing can be told without aws-cloudwatch, whatever the logs say', async () => {
  const logs = { 'shop/web-1/app': `${ago(90)} level=error msg="dial tcp 203.0.113.7:443: i/o timeout"\n` }
  const outcome = await evaluate(natPortAllocationExhausted, {
    objects: [node('node-1'), pod('shop/web-1', { ready: false })],
    logs,
  })
  expect(outcome.status).toBe('not-evaluated')
  expect('why' in outcome && outcome.why).toContain('aws-cloudwatch')
})
