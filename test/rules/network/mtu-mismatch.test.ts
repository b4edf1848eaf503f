import { expect, it } from 'vitest'
import { mtuMismatch } from '../../../src/rules/network/mtu-mismatch.ts'
import { ago } from '../../incident/scene.ts'
import { node, pod } from '../../incident/things.ts'
import { evaluate } from '../check.ts'

it('says that nothing can be told without pod-network, whatever the logs say', async () => {
  const logs = { 'shop/web-1/app': `${ago(90)} level=error msg="dial tcp 203.0.113.7:443: i/o timeout"\n` }
  const outcome = await evaluate(mtuMismatch, { objects: [node('node-1'), pod('shop/web-1', { ready: false })], logs })
  expect(outcome.status).toBe('not-evaluated')
  expect('why' in outcome && outcome.why).toContain('pod-network')
})
