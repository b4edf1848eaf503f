import { statfs } from 'node:fs/promises'
import { WORK_DIR } from '../cluster/cluster.ts'
import { kubectlRaw } from '../cluster/kubectl.ts'
import { reconfigureKubelet } from '../cluster/node.ts'
import { waitFor } from '../cluster/workloads.ts'
import { applyChange, type Pod, pass, type Story } from './story.ts'

const NAME = 'log-flood-evicts-neighbours'

const MEBIBYTE = 1024 * 1024

/** What the disk may take until the kubelet says that it is full, in MiB. */
const ROOM = 300

/** One deployment writes its log until the disk of its node is full, and its neighbours have to go. */
export const logFloodEvictsNeighbours: Story = {
  name: NAME,
  async tell() {
    const space = await statfs(WORK_DIR)
    const free = Math.floor((space.bavail * space.bsize) / MEBIBYTE)
    await reconfigureKubelet(WORK_DIR, '2', {
      evictionHard: { 'nodefs.available': `${free - ROOM}Mi`, 'imagefs.available': '1%', 'memory.available': '100Mi' },
      evictionMinimumReclaim: { 'nodefs.available': `${2 * ROOM}Mi` },
    })
    await pass(30)
    await applyChange(NAME, 'clickstream.yaml')
    await waitFor('neighbours to be evicted', async () => {
      const { items } = await kubectlRaw<{ items: readonly Pod[] }>('/api/v1/pods')
      return items.filter((pod) => pod.status.reason === 'Evicted').length >= 4
    })
    await pass(15)
  },
}
