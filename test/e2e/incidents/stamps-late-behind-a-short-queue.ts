import { kubectl } from '../cluster/kubectl.ts'
import { loadCallers } from './calls.ts'
import { applyChange, finishRollout, pass, type Story, waitForLogs } from './story.ts'

const NAME = 'stamps-late-behind-a-short-queue'

/** A program that answers one after the other and lets four wait: when more orders come than it stamps, the kernel turns connections away. */
export const stampsLateBehindAShortQueue: Story = {
  name: NAME,
  nodes: ['kubelet-summary', 'kubelet-cadvisor', 'kernel-network', 'conntrack'],
  async tell() {
    await loadCallers({ 'stamps:2.2.0': 'stamps', 'order-desk:1.4.1': 'desk' })
    await applyChange(NAME, 'stamps.yaml')
    await finishRollout('shop', 'deployment/stamps')
    await applyChange(NAME, 'order-desk.yaml')
    await finishRollout('storefront', 'deployment/order-desk')
    await pass(40)
    await kubectl(['scale', 'deployment/order-desk', '-n', 'storefront', '--replicas=6'])
    await finishRollout('storefront', 'deployment/order-desk')
    await waitForLogs('orders not to be stamped', ['storefront', 'order-desk'], /msg="order not stamped"/, 15)
    await pass(20)
  },
}
