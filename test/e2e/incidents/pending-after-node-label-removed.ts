import { kubectl } from '../cluster/kubectl.ts'
import { applyChange, finishRollout, pass, type Story, waitForEvents, waitForLogs } from './story.ts'

const NAME = 'pending-after-node-label-removed'

/** The nodes lose the label that a selector looks for, and pods move some time later. */
export const pendingAfterNodeLabelRemoved: Story = {
  name: NAME,
  async tell() {
    await kubectl(['label', 'nodes', '--all', 'orchard.example/pool=search'])
    await applyChange(NAME, 'catalog.yaml')
    await finishRollout('shop', 'deployment/catalog')
    await pass(20)
    await kubectl(['label', 'nodes', '--all', 'orchard.example/pool-', 'node.orchard.example/pool=search'])
    await pass(15)
    await kubectl(['delete', 'pod', '-n', 'shop', '-l', 'app=catalog'])
    await waitForEvents('searches to wait for a node', 'shop', /FailedScheduling.*node affinity/, 2)
    await waitForLogs('the pages to miss the searches', ['storefront', 'web'], /upstream=catalog/, 8)
    await pass(20)
  },
}
