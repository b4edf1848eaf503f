import { join } from 'node:path'
import { kubectl, kubectlRaw } from '../cluster/kubectl.ts'
import { waitFor } from '../cluster/workloads.ts'
import { openMetrics } from './metrics.ts'
import { applyChange, incidentFolder, pass, type Story } from './story.ts'

const NAME = 'replicas-fought-over-by-hpa-and-gitops'

/** Between two synchronizations, in seconds. Argo CD takes three minutes. */
const PERIOD = 30

const REPLICAS = 6

let metrics: { close(): void } | undefined

/** Git says two replicas, the autoscaler says six, and each has its way until the other looks again. */
export const replicasFoughtOverByHpaAndGitops: Story = {
  name: NAME,
  async tell() {
    metrics = await openMetrics('orders_waiting', 10 * REPLICAS)
    await synchronize()
    await pass(10)
    await applyChange(NAME, 'checkout-hpa.yaml')
    await waitForReplicas('the autoscaler to have its way')
    await pass(PERIOD)
    for (let round = 0; round < 3; round++) {
      await synchronize()
      await pass(PERIOD)
      await waitForReplicas('the autoscaler to have its way again')
    }
  },
  async end() {
    metrics?.close()
  },
}

/** As Argo CD does it, client-side. */
async function synchronize(): Promise<void> {
  const manifest = join(incidentFolder(NAME), 'changes', 'checkout.yaml')
  await kubectl(['apply', '--field-manager=argocd-controller', '-f', manifest])
}

function waitForReplicas(what: string): Promise<void> {
  return waitFor(what, async () => {
    const path = '/apis/apps/v1/namespaces/shop/deployments/checkout'
    const { status } = await kubectlRaw<{ status: { readyReplicas?: number } }>(path)
    return status.readyReplicas === REPLICAS
  })
}
