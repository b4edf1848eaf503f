import { applyChange, pass, type Story, waitForContainers } from './story.ts'

const NAME = 'settings-key-missing-after-rollout'

/** A release wants a setting that nobody has added. */
export const settingsKeyMissingAfterRollout: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'payments.yaml')
    await waitForContainers('a container that cannot be made', ['shop', 'payments'], (containers) => {
      return containers.filter((one) => one.state.waiting?.reason === 'CreateContainerConfigError').length >= 2
    })
    await pass(30)
  },
}
