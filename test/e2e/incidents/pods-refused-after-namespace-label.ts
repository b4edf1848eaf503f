import { kubectl } from '../cluster/kubectl.ts'
import { waitFor } from '../cluster/workloads.ts'
import { applyChange, hasStuckRollout, pass, type Story, waitForEvents } from './story.ts'

const NAME = 'pods-refused-after-namespace-label'

/** A namespace is labelled with the strictest profile, and what runs there does not meet it. */
export const podsRefusedAfterNamespaceLabel: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'shop-namespace.yaml')
    await pass(20)
    await kubectl(['rollout', 'restart', 'deployment/recommendations', '-n', 'shop'])
    await waitForEvents('pods to be refused', 'shop', /FailedCreate.*violates PodSecurity/, 6)
    await waitFor('the rollout to give up', () => hasStuckRollout('shop', 'recommendations'))
  },
}
