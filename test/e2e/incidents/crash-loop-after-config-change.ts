import { kubectl } from '../cluster/kubectl.ts'
import { applyChange, pass, type Story, waitForContainers } from './story.ts'

const NAME = 'crash-loop-after-config-change'

/** A setting loses its unit, and the payments that start with it end at once. */
export const crashLoopAfterConfigChange: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'payments-settings.yaml')
    await pass(8)
    await kubectl(['rollout', 'restart', 'deployment/payments', '-n', 'shop'])
    await waitForContainers('payments to crash', ['shop', 'payments'], (containers) => {
      return containers.filter((one) => one.restartCount >= 4).length >= 2
    })
    await pass(10)
    await waitForContainers('the back-off', ['shop', 'payments'], (containers) => {
      return containers.some((one) => one.state.waiting?.reason === 'CrashLoopBackOff')
    })
  },
}
