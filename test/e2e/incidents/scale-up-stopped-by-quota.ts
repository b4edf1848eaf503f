import { kubectl } from '../cluster/kubectl.ts'
import { applyChange, pass, type Story, waitForEvents } from './story.ts'

const NAME = 'scale-up-stopped-by-quota'

/** More searches are expected, and the quota of the namespace is used up. */
export const scaleUpStoppedByQuota: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'shop-quota.yaml')
    await pass(20)
    await kubectl(['scale', 'deployment/catalog', '-n', 'shop', '--replicas=6'])
    await waitForEvents('pods to be refused', 'shop', /FailedCreate.*exceeded quota/, 6)
    await pass(15)
  },
}
