import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { WORK_DIR } from '../cluster/cluster.ts'
import { type Image, writeImage } from '../cluster/images.ts'
import { NETWORK, runInNode } from '../cluster/node.ts'

/** Gives an image to every node: no registry has it. */
export async function loadImage(image: Image): Promise<void> {
  const path = join(WORK_DIR, 'image.tar')
  await writeImage(path, image)
  for (const number of NETWORK.nodes) runInNode(WORK_DIR, number, 'ctr', '-n', 'k8s.io', 'images', 'import', path)
  await rm(path)
}
