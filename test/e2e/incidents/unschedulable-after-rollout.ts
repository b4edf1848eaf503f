import { waitFor } from '../cluster/workloads.ts'
import { applyChange, hasStuckRollout, pass, type Story } from './story.ts'

const NAME = 'unschedulable-after-rollout'

/** A new version asks for more than any node has left, and the rollout waits for pods that never start. */
export const unschedulableAfterRollout: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'recommendations.yaml')
    await waitFor('the rollout to give up', () => hasStuckRollout('shop', 'recommendations'))
    await pass(20)
  },
}
