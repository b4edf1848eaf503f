import { openBank } from './bank.ts'
import { applyChange, finishRollout, pass, type Story, waitForContainers } from './story.ts'

const NAME = 'payments-killed-while-bank-is-down'

/** A liveness probe asks a bank outside of the cluster, and the bank goes away. */
export const paymentsKilledWhileBankIsDown: Story = {
  name: NAME,
  async tell() {
    const bank = await openBank()
    await applyChange(NAME, 'bank.yaml')
    await applyChange(NAME, 'payments.yaml')
    await finishRollout('shop', 'deployment/payments')
    await pass(30)
    bank.close()
    await waitForContainers('payments to be killed', ['shop', 'payments'], (containers) => {
      return containers.every((one) => one.restartCount >= 2)
    })
  },
}
