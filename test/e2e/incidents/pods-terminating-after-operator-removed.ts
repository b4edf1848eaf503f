import { kubectl } from '../cluster/kubectl.ts'
import { applyChange, finishRollout, pass, type Story, waitForPods } from './story.ts'

const NAME = 'pods-terminating-after-operator-removed'

/** An operator is removed before the pods that carry its finalizer. */
export const podsTerminatingAfterOperatorRemoved: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'backup-operator.yaml')
    await applyChange(NAME, 'archive.yaml')
    await finishRollout('archive', 'statefulset/archive')
    await finishRollout('backup-system', 'deployment/backup-operator')
    await pass(20)
    await kubectl(['delete', 'deployment', 'backup-operator', '-n', 'backup-system'])
    await kubectl(['delete', 'crd', 'snapshots.backup.orchard.example'])
    await pass(10)
    await kubectl(['delete', 'namespace', 'archive', '--wait=false'])
    await waitForPods('the pods to have ended', ['archive', 'archive'], (pods) =>
      pods.every((pod) => pod.status.phase !== 'Running'),
    )
    await pass(75)
  },
}
