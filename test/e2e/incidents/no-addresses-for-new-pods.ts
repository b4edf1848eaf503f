import { WORK_DIR } from '../cluster/cluster.ts'
import { kubectl } from '../cluster/kubectl.ts'
import { limitPodAddresses, NETWORK } from '../cluster/node.ts'
import { pass, type Story, waitForEvents } from './story.ts'

/** A node has a /28 for its pods: fourteen addresses, and the bridge has one of them. */
const ADDRESSES = 14

/** The processors have room for more pods, the addresses have not. */
export const noAddressesForNewPods: Story = {
  name: 'no-addresses-for-new-pods',
  async tell() {
    for (const number of NETWORK.nodes) await limitPodAddresses(WORK_DIR, number, ADDRESSES)
    await pass(10)
    await kubectl(['scale', 'deployment/recommendations', '-n', 'shop', '--replicas=18'])
    await waitForEvents('pods to get no address', 'shop', /FailedCreatePodSandBox.*no IP addresses available/, 12)
    await pass(45)
  },
}
