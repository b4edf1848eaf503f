import { WORK_DIR } from '../cluster/cluster.ts'
import { kubectlRaw } from '../cluster/kubectl.ts'
import { kubeletPid } from '../cluster/node.ts'
import { PLACE } from '../cluster/place.ts'
import { waitFor } from '../cluster/workloads.ts'
import { pass, type Story, waitForPods } from './story.ts'

/** The kubelet of a node dies, and with it all that is known of its pods. */
export const nodeLost: Story = {
  name: 'node-lost',
  // Five minutes otherwise.
  flags: ['--default-unreachable-toleration-seconds=45'],
  partial: true,
  async tell() {
    await pass(60)
    process.kill(kubeletPid(WORK_DIR, '2'), 'SIGKILL')
    await waitFor('the node to be unreachable', async () => {
      const { spec } = await kubectlRaw<{ spec: { taints?: readonly { key: string; effect: string }[] } }>(
        `/api/v1/nodes/${PLACE.node}2`,
      )
      return (
        spec.taints?.some((one) => one.key === 'node.kubernetes.io/unreachable' && one.effect === 'NoExecute') ?? false
      )
    })
    await waitForPods('pods to be given up', ['shop', 'catalog'], (pods) =>
      pods.some((pod) => pod.metadata.deletionTimestamp),
    )
    await pass(20)
  },
}
