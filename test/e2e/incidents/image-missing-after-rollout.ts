import { waitFor } from '../cluster/workloads.ts'
import { applyChange, hasStuckRollout, type Story, waitForEvents } from './story.ts'

const NAME = 'image-missing-after-rollout'

/** A version is rolled out that nobody has pushed. */
export const imageMissingAfterRollout: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'recommendations.yaml')
    await waitForEvents('the image to be asked for again', 'shop', /Back-off pulling image/, 3)
    await waitFor('the rollout to give up', () => hasStuckRollout('shop', 'recommendations'))
  },
}
