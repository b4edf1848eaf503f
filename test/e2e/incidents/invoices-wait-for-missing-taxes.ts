import { openDns } from './dns.ts'
import { applyChange, pass, type Story, waitForPods } from './story.ts'

const NAME = 'invoices-wait-for-missing-taxes'

/** An init container waits for a Service that nobody has made; longer than ten minutes, because before that it may only be slow. */
export const invoicesWaitForMissingTaxes: Story = {
  name: NAME,
  async tell() {
    await openDns()
    await applyChange(NAME, 'invoices.yaml')
    await waitForPods('the invoices to wait', ['shop', 'invoices'], (pods) =>
      pods.every(({ status }) => status.initContainerStatuses?.some((one) => one.state.running !== undefined)),
    )
    await pass(11 * 60)
  },
}
