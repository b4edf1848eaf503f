import { applyChange, pass, type Story, waitForPods } from './story.ts'

const NAME = 'exports-evicted-for-their-own-files'

/** A pod writes more than its limit for local storage, is evicted, and the next one does the same. */
export const exportsEvictedForTheirOwnFiles: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'exports.yaml')
    await waitForPods('exports to be evicted', ['data', 'exports'], (pods) => {
      return pods.filter(({ status }) => status.reason === 'Evicted').length >= 4
    })
    await pass(10)
  },
}
