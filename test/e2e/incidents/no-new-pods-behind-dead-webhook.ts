import { kubectl } from '../cluster/kubectl.ts'
import { waitFor } from '../cluster/workloads.ts'
import { applyChange, finishRollout, hasStuckRollout, pass, type Story, waitForEvents } from './story.ts'

const NAME = 'no-new-pods-behind-dead-webhook'

/** The webhook that every pod has to pass is switched off, and its configuration is not. */
export const noNewPodsBehindDeadWebhook: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'policy-webhook.yaml')
    await finishRollout('policy', 'deployment/policy-webhook')
    await applyChange(NAME, 'policy-configuration.yaml')
    await pass(5)
    await kubectl(['scale', 'deployment/policy-webhook', '-n', 'policy', '--replicas=0'])
    await pass(10)
    await kubectl(['rollout', 'restart', 'deployment/recommendations', '-n', 'shop'])
    await kubectl(['delete', 'pod', 'cart-0', '-n', 'shop'])
    await waitForEvents('pods to be refused', 'shop', /FailedCreate.*failed calling webhook/, 10)
    await waitFor('the rollout to give up', () => hasStuckRollout('shop', 'recommendations'))
  },
}
