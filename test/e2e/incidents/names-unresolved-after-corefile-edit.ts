import { kubectl } from '../cluster/kubectl.ts'
import { openDns } from './dns.ts'
import { applyChange, pass, type Story, waitForContainers, waitForLogs } from './story.ts'

const NAME = 'names-unresolved-after-corefile-edit'

/** A line that CoreDNS does not know is no harm to servers that run, until somebody starts them anew. */
export const namesUnresolvedAfterCorefileEdit: Story = {
  name: NAME,
  async tell() {
    await openDns()
    await pass(20)
    await applyChange(NAME, 'corefile.yaml')
    await pass(30)
    await kubectl(['delete', 'pods', '-n', 'kube-system', '-l', 'k8s-app=kube-dns'])
    await waitForContainers('the DNS to crash', ['kube-system', 'kube-dns'], (containers) =>
      containers.every((one) => one.restartCount >= 3),
    )
    await waitForLogs('the pages to find nobody', ['storefront', 'web'], /bad address|no answer within/, 20)
    await pass(20)
  },
}
