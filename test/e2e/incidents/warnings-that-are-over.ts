import { kubectl } from '../cluster/kubectl.ts'
import {
  applyChange,
  finishRollout,
  isReady,
  pass,
  podsOf,
  type Story,
  waitForContainers,
  waitForPods,
} from './story.ts'

const NAME = 'warnings-that-are-over'

/** Everything that can have been wrong for a moment, and things at rest that look as if something were. */
export const warningsThatAreOver: Story = {
  name: NAME,
  async tell() {
    await applyChange(NAME, 'at-rest.yaml')
    await applyChange(NAME, 'sorrows.yaml')
    await pass(20)
    await applyChange(NAME, 'settings.yaml')
    await kubectl(['label', 'nodes', '--all', 'pool=pictures'])
    await waitForPods('thumbnails to start', ['shop', 'thumbnails'], (pods) => pods.every(isStarted))
    await pass(15)
    await applyChange(NAME, 'statements.yaml')
    await finishRollout('shop', 'deployment/thumbnails')
    await kubectl(['wait', '--for=condition=Complete', 'job/statements', '-n', 'ops', '--timeout=150s'])
    await waitForContainers('the mailer to begin again', ['ops', 'mailer'], ([one]) => one?.restartCount === 1)
    await waitForContainers('labels to be printed', ['ops', 'label-printer'], ([one]) => one?.restartCount === 3)
    await pass(330)
    if (!(await podsOf('ops', 'mailer')).every(isReady)) throw new Error('The mailer ended again.')
  },
}

function isStarted({ status }: { status: { phase: string } }): boolean {
  return status.phase === 'Running'
}
