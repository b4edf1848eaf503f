import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The Kubernetes that tests run against. Its staging modules carry the same number with major version 0. */
const VERSION = '1.34.4'

const SOURCE = join(import.meta.dirname, 'servers', 'main.go')

/** Where builds and images are kept between runs, outside of the checkout. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'freezeframe')
}

/**
 * Builds one binary with etcd, the Kubernetes servers and kubectl, once: five minutes cold on two cores, then a file in the cache.
 * Needs Go; returns the binary's path.
 */
export async function buildServers(): Promise<string> {
  const fingerprint = createHash('sha256')
    .update(await readFile(SOURCE))
    .update(VERSION)
    .digest('hex')
    .slice(0, 12)
  const binary = join(cacheFolder(), `servers-${VERSION}-${fingerprint}`)
  if (await exists(binary)) return binary
  await mkdir(cacheFolder(), { recursive: true })
  const folder = await mkdtemp(join(cacheFolder(), 'build-'))
  try {
    console.error(`Building Kubernetes ${VERSION} (some minutes, once) …`)
    await cp(SOURCE, join(folder, 'main.go'))
    await writeFile(join(folder, 'go.mod'), await moduleFile())
    await go(folder, 'mod', 'tidy')
    await go(folder, 'build', '-trimpath', '-o', 'servers', '-ldflags', versionFlags(), '.')
    // Two builders at once end with the same file.
    await rename(join(folder, 'servers'), binary)
    return binary
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** k8s.io/kubernetes replaces its staging modules by folders; outside of it their published versions stand in. */
async function moduleFile(): Promise<string> {
  const { stdout } = await run('go', ['mod', 'download', '-json', `k8s.io/kubernetes@v${VERSION}`], {
    cwd: cacheFolder(),
  })
  const { GoMod } = JSON.parse(stdout) as { GoMod: string }
  const staging = [...(await readFile(GoMod, 'utf8')).matchAll(/^\s+(k8s\.io\/[a-z-]+) => \.\/staging/gm)]
  const replaced = staging.map(([, name]) => `  ${name} => ${name} v0.${VERSION.slice(2)}`)
  return `module servers\n\ngo 1.24.0\n\nrequire k8s.io/kubernetes v${VERSION}\n\nreplace (\n${replaced.join('\n')}\n)\n`
}

function versionFlags(): string {
  const name = 'k8s.io/component-base/version'
  const [major, minor] = VERSION.split('.')
  return `-s -w -X ${name}.gitVersion=v${VERSION} -X ${name}.gitMajor=${major} -X ${name}.gitMinor=${minor}`
}

async function go(cwd: string, ...args: string[]): Promise<void> {
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' }
  await run('go', args, { cwd, env, maxBuffer: 64 * 1024 * 1024 })
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
