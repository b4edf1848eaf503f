import { applyChange, pass, type Story, waitForLogs } from './story.ts'

const NAME = 'payments-unreachable-after-selector-change'

/** A Service looks for a label that no pod has. */
export const paymentsUnreachableAfterSelectorChange: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'payments-service.yaml')
    await waitForLogs('checkout to be refused', ['shop', 'checkout'], /upstream=payments/, 12)
    await pass(45)
  },
}
