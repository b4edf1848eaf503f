import { applyChange, finishRollout, pass, type Story, waitForContainers } from './story.ts'

const NAME = 'oom-kill-after-limit-cut'

/** A memory limit is cut to less than the model needs that is loaded at start. */
export const oomKillAfterLimitCut: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'recommendations-with-model.yaml')
    await finishRollout('shop', 'deployment/recommendations')
    await pass(20)
    await applyChange(NAME, 'recommendations.yaml')
    await waitForContainers('the kernel to kill', ['shop', 'recommendations'], (containers) => {
      return (
        containers.filter((one) => one.lastState.terminated?.reason === 'OOMKilled' && one.restartCount >= 3).length >=
        2
      )
    })
  },
}
