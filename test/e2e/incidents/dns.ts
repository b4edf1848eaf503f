import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from '../cluster/build.ts'
import { kubectl } from '../cluster/kubectl.ts'
import { loadImage } from './images.ts'
import { SHOP } from './shop.ts'
import { finishRollout, waitForLogs } from './story.ts'

const run = promisify(execFile)

const VERSION = '1.11.4'

/** Gives the shop a CoreDNS, as clusters have it, and lets the shop find its services by it. */
export async function openDns(): Promise<void> {
  const program = await readFile(await buildDns())
  await loadImage({
    name: `registry.k8s.io/coredns/coredns:v${VERSION}`,
    command: ['/coredns'],
    programs: { coredns: program },
  })
  await kubectl(['apply', '-f', join(SHOP, 'dns', 'coredns.yaml')])
  await finishRollout('kube-system', 'deployment/coredns')
  await kubectl(['apply', '-f', join(SHOP, 'dns', 'clients.yaml')])
  await finishRollout('shop', 'deployment/checkout')
  await finishRollout('storefront', 'deployment/web')
  await waitForLogs('orders by name', ['shop', 'checkout'], /order placed/, 4)
}

/** Builds CoreDNS once: some minutes, then a file in the cache. Needs Go. */
async function buildDns(): Promise<string> {
  const binary = join(cacheFolder(), `coredns-${VERSION}`)
  if (existsSync(binary)) return binary
  const folder = join(cacheFolder(), 'coredns-build')
  await mkdir(folder, { recursive: true })
  const env = { ...process.env, CGO_ENABLED: '0', GOBIN: folder }
  const args = ['install', '-trimpath', '-ldflags', '-s -w', `github.com/coredns/coredns@v${VERSION}`]
  await run('go', args, { env, maxBuffer: 64 * 1024 * 1024 })
  await rename(join(folder, 'coredns'), binary)
  return binary
}
