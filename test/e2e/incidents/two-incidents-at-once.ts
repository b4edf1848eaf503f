import { waitFor } from '../cluster/workloads.ts'
import { applyChange, hasStuckRollout, pass, type Story, waitForEvents } from './story.ts'

const NAME = 'two-incidents-at-once'

/** Two things go wrong in the same minute, and have nothing to do with each other. */
export const twoIncidentsAtOnce: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'search-index.yaml')
    await pass(25)
    await applyChange(NAME, 'recommendations.yaml')
    await waitForEvents('the image to be asked for again', 'shop', /Back-off pulling image/, 3)
    await waitForEvents('the volume not to be made', 'data', /ProvisioningFailed.*not found/, 2)
    await waitFor('the rollout to give up', () => hasStuckRollout('shop', 'recommendations'))
  },
}
