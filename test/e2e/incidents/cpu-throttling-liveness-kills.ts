import { kubectl } from '../cluster/kubectl.ts'
import { applyChange, pass, type Story, waitForContainers } from './story.ts'

const NAME = 'cpu-throttling-liveness-kills'

/** A CPU limit that was enough at night: when the visitors come, the liveness probe waits in the same queue as they do. */
export const cpuThrottlingLivenessKills: Story = {
  name: NAME,
  nodes: ['kubelet-summary', 'kubelet-cadvisor', 'throttling'],
  async tell() {
    await applyChange(NAME, 'catalog.yaml')
    await kubectl(['rollout', 'status', 'deployment/catalog', '-n', 'shop', '--timeout=120s'])
    await pass(30)
    await kubectl(['scale', 'deployment/web', '-n', 'storefront', '--replicas=12'])
    await waitForContainers('catalog to be killed', ['shop', 'catalog'], (containers) => {
      return containers.some((one) => one.restartCount >= 2) && containers.every((one) => one.restartCount >= 1)
    })
    await pass(15)
  },
}
