import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { collectors } from '../../../collectors/index.ts'
import { down, KUBECONFIG, up, WORK_DIR } from '../cluster/cluster.ts'
import { kubectl } from '../cluster/kubectl.ts'
import { NETWORK, redirectRegistry } from '../cluster/node.ts'
import { PLACE } from '../cluster/place.ts'
import { waitFor } from '../cluster/workloads.ts'
import { loadImage } from './images.ts'
import { openRegistry } from './registry.ts'
import { REGISTRY, SHOP, shopImages } from './shop.ts'
import { incidentFolder, pass, type Story } from './story.ts'

/** How long the shop is healthy before something happens to it, in seconds. */
const CALM = 20

/** `demo` serves these, with all that kubectl asks of a server; of the others an OpenAPI would be most of the bundle. */
const WHOLE = ['crash-loop-after-config-change', 'unschedulable-after-rollout']

/** The image is one that the nodes of a test cluster have. */
const PROBED = '--nodes all --interval 15s --probe-pods --probe-image docker.io/library/busybox:1.36'.split(' ')

/** What nodes log, and where their disks are, would be that of the machine that all of this runs on: a story names what it is about. */
const OF_NODES = collectors.filter(({ scope }) => scope === 'node').map(({ id }) => id)

/** Records an incident: a fresh cluster, a healthy shop, the story, and a capture of all of it as the incident's bundle. */
export async function record(story: Story): Promise<void> {
  if (PLACE.cluster === 'test') throw new Error('Recordings have a cluster of their own: FREEZEFRAME_CLUSTER=orchard.')
  await down()
  // Webhooks and aggregated APIs are asked at their pods: the API server has no kube-proxy beside it.
  await up(['--enable-aggregator-routing=true', ...(story.flags ?? [])])
  const registry = await openRegistry(NETWORK.host)
  try {
    for (const number of NETWORK.nodes) await redirectRegistry(WORK_DIR, number, REGISTRY, registry.url)
    console.error('Opening the shop …')
    await openShop()
    await pass(CALM)
    console.error(`Telling ${story.name} …`)
    await story.tell()
    await captureInto(join(incidentFolder(story.name), 'bundle.tar.gz'), story)
  } finally {
    await story.end?.()
    registry.close()
    await down()
  }
}

async function openShop(): Promise<void> {
  for (const image of shopImages()) await loadImage(image)
  await kubectl(['apply', '-f', join(SHOP, 'workloads', '00-namespaces.yaml')])
  await waitFor('service accounts', async () => {
    const accounts = await kubectl(['get', 'serviceaccounts', '-A', '-o', 'name'])
    return accounts.split('\n').filter((name) => name === 'serviceaccount/default').length >= 8
  })
  await kubectl(['apply', '-f', join(SHOP, 'workloads')])
  await kubectl(['wait', '--for=condition=Available', 'deployment', '--all', '-A', '--timeout=120s'])
}

async function captureInto(bundle: string, story: Story): Promise<void> {
  const program = join(import.meta.dirname, '..', '..', '..', 'bin', 'freezeframe.js')
  const args = ['capture', '--kubeconfig', KUBECONFIG, '--logs', 'all', '--output', bundle, '--force']
  const skipped = WHOLE.includes(story.name) ? [] : ['api-discovery']
  if (story.nodes) {
    args.push(...PROBED)
    skipped.push(...OF_NODES.filter((id) => !story.nodes?.includes(id)))
  }
  if (skipped.length > 0) args.push('--skip', skipped.join(','))
  const capture = spawn(process.execPath, [program, ...args], { stdio: 'inherit' })
  const [code] = await once(capture, 'close')
  if (code !== 0 && !(code === 1 && story.partial)) throw new Error(`The capture ended with exit code ${code}.`)
}
