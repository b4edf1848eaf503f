import { kubectl } from '../cluster/kubectl.ts'
import { waitFor } from '../cluster/workloads.ts'
import { loadCallers } from './calls.ts'
import { openDns } from './dns.ts'
import { certifyPolicy, enforcePolicy } from './policy.ts'
import { applyChange, finishRollout, hasStuckRollout, pass, type Story, waitForEvents } from './story.ts'

const NAME = 'pods-refused-after-several-updates'

/** On the day of updates four components are changed within minutes; one of them no longer listens where it is asked. */
export const podsRefusedAfterSeveralUpdates: Story = {
  name: NAME,
  async tell() {
    await openDns()
    await loadCallers({ 'policy-webhook:1.8.2': 'policy', 'policy-webhook:2.0.0': 'policy' })
    await certifyPolicy()
    for (const file of ['policy.yaml', 'edge.yaml']) await applyChange(NAME, file)
    await finishRollout('policy', 'deployment/policy-webhook')
    await enforcePolicy()
    await finishRollout('edge', 'deployment/edge')
    await pass(20)
    await updateDns()
    await updateOthers()
    await kubectl(['delete', 'pod', 'cart-0', '-n', 'shop'])
    await waitForEvents('pods to be refused', 'edge', /FailedCreate.*failed calling webhook/, 5)
    await waitFor('the rollout to give up', () => hasStuckRollout('edge', 'edge'))
  },
}

/** A new Corefile, and more memory. */
async function updateDns(): Promise<void> {
  await applyChange(NAME, 'corefile.yaml')
  await kubectl(['set', 'resources', 'deployment/coredns', '-n', 'kube-system', '--limits=memory=200Mi'])
  await finishRollout('kube-system', 'deployment/coredns')
}

/** The log shipper takes a new setting and the policy a new version, and both roll out; then the edge is to be updated too. */
async function updateOthers(): Promise<void> {
  await kubectl(['set', 'env', 'daemonset/log-shipper', '-n', 'ops', 'BATCH_SECONDS=30'])
  await finishRollout('ops', 'daemonset/log-shipper')
  await setImage('policy', 'policy-webhook', 'registry.orchard.example/shop/policy-webhook:2.0.0')
  await finishRollout('policy', 'deployment/policy-webhook')
  await pass(10)
  await kubectl(['set', 'resources', 'deployment/edge', '-n', 'edge', '--limits=memory=96Mi'])
}

async function setImage(namespace: string, name: string, image: string): Promise<void> {
  await kubectl(['set', 'image', `deployment/${name}`, '-n', namespace, `${name}=${image}`])
}
