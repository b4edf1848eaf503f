import { kubectl } from '../cluster/kubectl.ts'
import { PLACE } from '../cluster/place.ts'
import { applyChange, isReady, pass, type Story, waitForPods } from './story.ts'

const NAME = 'payments-pending-behind-batch'

/** A node is drained, and what everybody needs waits behind what nobody would miss: none of it has a priority. */
export const paymentsPendingBehindBatch: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'price-forecast.yaml')
    await waitForPods('the nodes to be full', ['ops', 'price-forecast'], (pods) => {
      return pods.filter(isReady).length >= 28 && pods.some((pod) => !pod.spec.nodeName)
    })
    await pass(20)
    await kubectl(['drain', `${PLACE.node}2`, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=60s'])
    await waitForPods('payments to wait for a node', ['shop', 'payments'], (pods) =>
      pods.some((pod) => !pod.spec.nodeName),
    )
    await pass(45)
  },
}
