import { kubectl } from '../cluster/kubectl.ts'
import { applyChange, finishRollout, isReady, pass, type Story, waitForPods } from './story.ts'

const NAME = 'rollout-in-progress'

/** An ordinary rollout, half-way, in a cluster that has small sorrows behind it. */
export const rolloutInProgress: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'reports.yaml')
    await finishRollout('ops', 'deployment/reports')
    await kubectl(['wait', '--for=condition=Complete', 'job/price-backfill', '-n', 'ops', '--timeout=150s'])
    await pass(150)
    await applyChange(NAME, 'recommendations.yaml')
    await waitForPods('half of the rollout', ['shop', 'recommendations'], (pods) => {
      return (
        pods.filter(isReady).length >= 3 &&
        pods.some((pod) => /:2\.0\.0$/.test(pod.spec.containers[0]?.image ?? '') && isReady(pod))
      )
    })
  },
}
