import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { transform } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { startFakeCluster } from '../cli/fake-cluster.ts'
import { runCli } from '../cli/run.ts'

const run = promisify(execFile)
const root = new URL('../..', import.meta.url).pathname

/** Below the repository, so that the dependencies are found without installing anything. */
const dist = join(root, '.cache', 'package-test')
const program = join(dist, 'bin', 'freezeframe.js')

beforeAll(async () => {
  await run(process.execPath, ['build.ts', dist], { cwd: root })
}, 60_000)
afterAll(() => rm(dist, { recursive: true, force: true }))

describe('the built package', () => {
  it('has a manifest to publish: both commands, no scripts, no development, no Node binaries', async () => {
    const published = JSON.parse(await readFile(join(dist, 'package.json'), 'utf8'))
    expect(published).toMatchObject({
      name: 'freezeframe',
      version: manifest.version,
      bin: { freezeframe: 'bin/freezeframe.js', 'kubectl-freezeframe': 'bin/freezeframe.js' },
      dependencies: manifest.dependencies,
    })
    for (const key of ['private', 'scripts', 'devDependencies', 'optionalDependencies'])
      expect(published).not.toHaveProperty(key)
    const exported = Object.values(published.exports).flatMap((value) =>
      typeof value === 'string' ? [value] : Object.values(value as object),
    )
    for (const path of exported) expect(await readFile(join(dist, path), 'utf8')).not.toBe('')
  })

  it('has its papers', async () => {
    expect(await readdir(dist)).toEqual(
      expect.arrayContaining(['README.md', 'LICENSE', 'CHANGELOG.md', 'manifest.schema.json', 'report.schema.json']),
    )
  })

  it('runs without the sources', async () => {
    const version = await runCli(['--version'], { program })
    expect({ ...version, stdout: version.stdout.toString() }).toEqual({
      code: 0,
      stdout: `${manifest.version}\n`,
      stderr: '',
    })
    const help = await runCli(['capture', '--help'], { program })
    expect(help.stdout).toEqual((await runCli(['capture', '--help'])).stdout)
  })

  it('captures, with its workers', async () => {
    // Enough pods for a page that is redacted in a worker thread and not in place.
    const cluster = await startFakeCluster({ pods: 400 })
    const seen = await runCli(['capture', '-o', 'b.tar.gz', '--logs', 'none'], {
      program,
      cwd: cluster.folder,
      env: { KUBECONFIG: cluster.kubeconfig },
    })
    const verified = await runCli(['verify', 'b.tar.gz'], { program, cwd: cluster.folder })
    await cluster.close()
    expect({ code: seen.code, verified: verified.code }).toEqual({ code: 0, verified: 0 })
  })

  it('brings the recorded incidents, and captures one with no cluster there', async () => {
    const list = await runCli(['demo', '--list'], { program })
    expect(list.stdout).toEqual((await runCli(['demo', '--list'])).stdout)
    const folder = await mkdtemp(join(tmpdir(), 'freezeframe-package-'))
    const seen = await runCli(['demo'], { program, cwd: folder })
    await rm(folder, { recursive: true })
    expect(seen).toMatchObject({ code: 0, stderr: expect.stringContaining('evidence from orchard') })
  })

  it('is a library too', async () => {
    const library = await import(join(dist, 'lib', 'index.js'))
    expect(Object.keys(library)).toEqual(
      expect.arrayContaining(['capture', 'planCapture', 'connectKube', 'openBundle', 'verifyBundle']),
    )
  })
})

it('the starter parses on Node 12: nothing in it needs to be made simpler for it', async () => {
  const source = await readFile(join(root, 'bin', 'freezeframe.js'), 'utf8')
  const [old, current] = await Promise.all(['node12.20', 'esnext'].map((target) => transform(source, { target })))
  expect(old?.code).toBe(current?.code)
  const modern = await transform('const a = b?.c ?? 1', { target: 'node12.20' })
  expect(modern.code).not.toContain('??')
})
