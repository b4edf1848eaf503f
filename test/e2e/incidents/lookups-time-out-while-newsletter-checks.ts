import { loadCallers } from './calls.ts'
import { openDns } from './dns.ts'
import { applyChange, finishRollout, pass, type Story, waitForLogs } from './story.ts'
import { openUsage } from './usage.ts'

const NAME = 'lookups-time-out-while-newsletter-checks'

let usage: { close(): void } | undefined

/** One small name server, and a program with so many questions that others wait in vain. */
export const lookupsTimeOutWhileNewsletterChecks: Story = {
  name: NAME,
  async tell() {
    usage = await openUsage()
    await applyChange(NAME, 'metrics.yaml')
    await loadCallers({ 'receipts:1.0.3': 'receipts', 'newsletter:2.0.0': 'newsletter' })
    await openDns()
    await applyChange(NAME, 'coredns.yaml')
    await finishRollout('kube-system', 'deployment/coredns')
    await applyChange(NAME, 'receipts.yaml')
    await finishRollout('shop', 'deployment/receipts')
    await pass(30)
    await applyChange(NAME, 'newsletter.yaml')
    await waitForLogs('receipts to miss the ledger', ['shop', 'receipts'], /lookup ledger.* i\/o timeout/, 4)
    await pass(90)
  },
  async end() {
    usage?.close()
  },
}
