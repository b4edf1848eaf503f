import { kubectlRaw } from '../cluster/kubectl.ts'
import { waitFor } from '../cluster/workloads.ts'
import { pass, type Story } from './story.ts'

/** The shop on a quiet day, with an import that has come and gone. */
export const nothingWrong: Story = {
  name: 'nothing-wrong',
  async tell() {
    await waitFor('an import to be through', async () => {
      const { items } = await kubectlRaw<{ items: readonly { status: { succeeded?: number } }[] }>(
        '/apis/batch/v1/namespaces/ops/jobs',
      )
      return items.some((job) => job.status.succeeded === 1)
    })
    await pass(20)
  },
}
