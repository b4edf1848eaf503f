import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { loadImage } from './images.ts'
import { REGISTRY, SHOP } from './shop.ts'

const run = promisify(execFile)

/** Gives the nodes services of the shop that hold on to connections; each is one of the programs of `orchard/calls`. Needs Go. */
export async function loadCallers(services: Readonly<Record<string, string>>): Promise<void> {
  const program = await build()
  for (const [service, mode] of Object.entries(services)) {
    const [name, version = ''] = service.split(':')
    await loadImage({
      name: `${REGISTRY}/shop/${service}`,
      command: ['/app/calls', mode],
      env: { SERVICE: name ?? '', VERSION: version },
      programs: { 'app/calls': program },
    })
  }
}

async function build(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'freezeframe-calls-'))
  try {
    const binary = join(folder, 'calls')
    const env = { ...process.env, CGO_ENABLED: '0', GO111MODULE: 'off' }
    await run('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', binary, join(SHOP, 'calls', 'main.go')], { env })
    return await readFile(binary)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
