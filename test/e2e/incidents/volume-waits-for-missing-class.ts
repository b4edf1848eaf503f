import { applyChange, pass, type Story, waitForEvents } from './story.ts'

const NAME = 'volume-waits-for-missing-class'

/** A volume is asked for of a class that this cluster does not have. */
export const volumeWaitsForMissingClass: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'search-index.yaml')
    await waitForEvents('the volume not to be made', 'data', /ProvisioningFailed.*not found/, 2)
    await pass(20)
  },
}
