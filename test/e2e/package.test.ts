import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }

const run = promisify(execFile)
const root = new URL('../..', import.meta.url).pathname

let folder: string
let project: string

/** Builds, packs and installs the package as a user would, from the registry. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freezeframe-package-'))
  project = join(folder, 'project')
  await mkdir(project)
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }')
  await run(process.execPath, ['build.ts', join(folder, 'dist')], { cwd: root })
  await run('npm', ['pack', '--silent', join(folder, 'dist')], { cwd: folder })
  const archive = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? ''
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', join(folder, archive)], { cwd: project })
}, 180_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

function installed(command: string, args: readonly string[]) {
  const path = [join(project, 'node_modules', '.bin'), process.env.PATH].join(delimiter)
  return run(command, [...args], { cwd: project, env: { ...process.env, PATH: path } })
}

describe('the installed package', () => {
  it('runs under both of its names', async () => {
    expect((await installed('freezeframe', ['--version'])).stdout).toBe(`${manifest.version}\n`)
    expect((await installed('kubectl-freezeframe', ['--help'])).stdout).toContain('Usage: freezeframe')
  })

  it('finds its dependencies when it works', async () => {
    const { stdout } = await installed('freezeframe', ['permissions', '--offline'])
    expect(stdout).toContain('kind: ClusterRole')
    const refused = await installed('freezeframe', ['capture', '--kubeconfig', 'none']).catch((error) => error)
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no kubeconfig') })
  })

  it('brings neither Node nor anything for development', async () => {
    const packages = await readdir(join(project, 'node_modules'))
    expect(packages).toContain('commander')
    expect(packages.filter((name) => /^node-linux|^esbuild|^vitest|^typescript|^@biomejs/.test(name))).toEqual([])
  })

  it('has types that a program compiles against', async () => {
    await writeFile(join(project, 'use.ts'), PROGRAM)
    const compiler = join(root, 'node_modules', '.bin', 'tsc')
    const types = ['--typeRoots', join(root, 'node_modules', '@types'), '--types', 'node']
    await run(compiler, ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', ...types, 'use.ts'], {
      cwd: project,
    })
  })
})

const PROGRAM = `
import { capture, type CaptureResult, connectKube, type Manifest, verifyBundle } from 'freezeframe'
import schema from 'freezeframe/manifest.schema.json' with { type: 'json' }
import reportSchema from 'freezeframe/report.schema.json' with { type: 'json' }
const kube = await connectKube({ userAgent: 'test', env: process.env })
const result: CaptureResult = await capture({ kube } as Parameters<typeof capture>[0])
const manifest: Manifest = result.manifest
console.log(manifest.ledger.length, (await verifyBundle('b')).status, schema, reportSchema)
`
