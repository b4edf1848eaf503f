import { kubectl } from '../cluster/kubectl.ts'
import { openDns } from './dns.ts'
import { pass, type Story, waitForLogs } from './story.ts'

/** The DNS of the cluster is scaled to zero, and nobody finds anybody. */
export const namesUnresolvedWithoutDns: Story = {
  name: 'names-unresolved-without-dns',
  async tell() {
    await openDns()
    await pass(20)
    await kubectl(['scale', 'deployment/coredns', '-n', 'kube-system', '--replicas=0'])
    await waitForLogs('the pages to find nobody', ['storefront', 'web'], /bad address|no answer within/, 20)
    await pass(30)
  },
}
