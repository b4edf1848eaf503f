import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from '../cluster/build.ts'

const run = promisify(execFile)

/** client-go of the cluster's own version. */
const CLIENT_GO = 'v0.34.4'

/** Of PyPI. */
const PYTHON_CLIENT = '37.0.2'

/** Builds the client in Go, once; returns the binary's path. */
export async function buildGoClient(): Promise<string> {
  const source = join(import.meta.dirname, 'main.go')
  return once(`client-go-${CLIENT_GO}`, await readFile(source), async (folder) => {
    const modules = ['api', 'apimachinery', 'client-go'].map((name) => `  k8s.io/${name} ${CLIENT_GO}`)
    await cp(source, join(folder, 'main.go'))
    await writeFile(join(folder, 'go.mod'), `module client\n\ngo 1.24.0\n\nrequire (\n${modules.join('\n')}\n)\n`)
    const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' }
    await run('go', ['mod', 'tidy'], { cwd: folder, env })
    await run('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', 'client', '.'], { cwd: folder, env })
    return 'client'
  })
}

/** Installs the Kubernetes client of Python, once; returns the path of its python. */
export async function installPythonClient(): Promise<string> {
  const folder = join(cacheFolder(), `python-kubernetes-${PYTHON_CLIENT}`)
  const python = join(folder, 'bin', 'python')
  const isComplete = join(folder, 'complete')
  if (existsSync(isComplete)) return python
  // A virtual environment holds its own path, so it is made where it stays.
  await rm(folder, { recursive: true, force: true })
  await run('python3', ['-m', 'venv', folder])
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `kubernetes==${PYTHON_CLIENT}`])
  await writeFile(isComplete, '')
  return python
}

/** Makes a file in the cache unless one of the same name and source is there. */
async function once(name: string, source: Buffer, build: (folder: string) => Promise<string>): Promise<string> {
  const path = join(cacheFolder(), `${name}-${createHash('sha256').update(source).digest('hex').slice(0, 12)}`)
  if (existsSync(path)) return path
  await mkdir(cacheFolder(), { recursive: true })
  const folder = await mkdtemp(join(cacheFolder(), 'build-'))
  try {
    console.error(`Building ${name} (a minute, once) …`)
    await rename(join(folder, await build(folder)), path)
    return path
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
