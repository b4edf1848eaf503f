import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { down, KUBECONFIG, up, WORK_DIR } from '../cluster/cluster.ts'
import { writeImage } from '../cluster/images.ts'
import { kubectl } from '../cluster/kubectl.ts'
import { NETWORK, runInNode } from '../cluster/node.ts'
import { PLACE } from '../cluster/place.ts'
import { waitFor } from '../cluster/workloads.ts'
import { SHOP, shopImages } from './shop.ts'
import { incidentFolder, pass, type Story } from './story.ts'

/** How long the shop is healthy before something happens to it, in seconds. */
const CALM = 60

/** Records an incident: a fresh cluster, a healthy shop, the story, and a capture of all of it as the incident's bundle. */
export async function record(story: Story): Promise<void> {
  if (PLACE.cluster === 'test') throw new Error('Recordings have a cluster of their own: FREEZEFRAME_CLUSTER=orchard.')
  await down()
  await up()
  try {
    console.error('Opening the shop …')
    await openShop()
    await pass(CALM)
    console.error(`Telling ${story.name} …`)
    await story.tell()
    await captureInto(join(incidentFolder(story.name), 'bundle.tar.gz'))
  } finally {
    await down()
  }
}

async function openShop(): Promise<void> {
  await loadImages()
  await kubectl(['apply', '-f', join(SHOP, 'workloads', '00-namespaces.yaml')])
  await waitFor('service accounts', async () => {
    const accounts = await kubectl(['get', 'serviceaccounts', '-A', '-o', 'name'])
    return accounts.split('\n').filter((name) => name === 'serviceaccount/default').length >= 8
  })
  await kubectl(['apply', '-f', join(SHOP, 'workloads')])
  await kubectl(['wait', '--for=condition=Available', 'deployment', '--all', '-A', '--timeout=120s'])
}

/** No registry has the shop's images: every node is given them. */
async function loadImages(): Promise<void> {
  const folder = join(WORK_DIR, 'images')
  await mkdir(folder)
  for (const [index, image] of shopImages().entries()) {
    const path = join(folder, `${index}.tar`)
    await writeImage(path, image)
    for (const number of NETWORK.nodes) runInNode(WORK_DIR, number, 'ctr', '-n', 'k8s.io', 'images', 'import', path)
  }
  await rm(folder, { recursive: true })
}

async function captureInto(bundle: string): Promise<void> {
  const program = join(import.meta.dirname, '..', '..', '..', 'bin', 'freezeframe.js')
  const args = ['capture', '--kubeconfig', KUBECONFIG, '--logs', 'all', '--output', bundle, '--force']
  const capture = spawn(process.execPath, [program, ...args], { stdio: 'inherit' })
  const [code] = await once(capture, 'close')
  if (code !== 0) throw new Error(`The capture ended with exit code ${code}.`)
}
