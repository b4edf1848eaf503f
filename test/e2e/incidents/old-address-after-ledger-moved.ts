import { kubectl } from '../cluster/kubectl.ts'
import { applyChange, finishRollout, pass, type Story, waitForLogs } from './story.ts'

const NAME = 'old-address-after-ledger-moved'

/** The ledger moves, its address is changed where it is kept, and nobody restarts those that read it at their start. */
export const oldAddressAfterLedgerMoved: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'ledger-address.yaml')
    await applyChange(NAME, 'payments.yaml')
    await finishRollout('shop', 'deployment/payments')
    await pass(30)
    await applyChange(NAME, 'ledger-moved.yaml')
    await pass(3)
    await kubectl(['delete', 'service', 'ledger', '-n', 'data'])
    await waitForLogs('payments to miss the ledger', ['shop', 'payments'], /upstream=ledger/, 12)
    await pass(45)
  },
}
