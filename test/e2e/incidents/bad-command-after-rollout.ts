import { applyChange, type Story, waitForContainers } from './story.ts'

const NAME = 'bad-command-after-rollout'

/** A release is started by a program that its image does not have. */
export const badCommandAfterRollout: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'recommendations.yaml')
    await waitForContainers('containers that cannot be started', ['shop', 'recommendations'], (containers) => {
      return containers.filter((one) => one.restartCount >= 3).length >= 2
    })
  },
}
