import { loadCallers } from './calls.ts'
import { applyChange, finishRollout, pass, type Story, waitForLogs } from './story.ts'
import { openUsage } from './usage.ts'

const NAME = 'one-quotes-pod-does-all-the-work'

let usage: { close(): void } | undefined

/** One client, one connection, one of three pods: a Service shares out connections, not questions. */
export const oneQuotesPodDoesAllTheWork: Story = {
  name: NAME,
  nodes: ['kubelet-summary', 'kubelet-cadvisor', 'conntrack'],
  async tell() {
    usage = await openUsage()
    await applyChange(NAME, 'metrics.yaml')
    await loadCallers({ 'quotes:3.3.0': 'quotes', 'price-board:1.1.2': 'board' })
    await applyChange(NAME, 'quotes.yaml')
    await finishRollout('shop', 'deployment/quotes')
    await pass(20)
    await applyChange(NAME, 'price-board.yaml')
    await finishRollout('storefront', 'deployment/price-board')
    await waitForLogs('prices to be missing', ['storefront', 'price-board'], /msg="no quote"/, 15)
    await pass(45)
  },
  async end() {
    usage?.close()
  },
}
