import { kubectl } from '../cluster/kubectl.ts'
import { waitFor } from '../cluster/workloads.ts'
import { applyChange, pass, podsOf, type Story, waitForPods } from './story.ts'

const NAME = 'stock-syncs-pile-up'

/** Runs that do not end take the processors of the nodes, and then a deployment finds no room. */
export const stockSyncsPileUp: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'stock-sync.yaml')
    await pass(120)
    await waitFor('a run without a node', async () => (await podsOf('ops', 'stock-sync')).some(isPending))
    await pass(60)
    await kubectl(['scale', 'deployment/payments', '-n', 'shop', '--replicas=24'])
    await waitForPods('payments to find no room', ['shop', 'payments'], (pods) => pods.some(isPending))
    await pass(45)
  },
}

function isPending({ spec, status }: { spec: { nodeName?: string }; status: { phase: string } }): boolean {
  return status.phase === 'Pending' && spec.nodeName === undefined
}
