import { applyWorkloads } from '../cluster/workloads.ts'
import { pass, type Story } from './story.ts'

/** All that the tests of the test cluster break, in one cluster: a dozen things that have nothing to do with each other. */
export const everythingBrokenAtOnce: Story = {
  name: 'everything-broken-at-once',
  async tell() {
    await applyWorkloads()
    await pass(20)
  },
}
