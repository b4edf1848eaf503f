import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openBundle } from '../../src/bundle/reader.ts'
import { runCli, transcript } from './run.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freezeframe-demo-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('a demo', () => {
  it('captures the default incident into this folder, with no cluster and no kubeconfig', async () => {
    const seen = await runCli(['demo'], { cwd: folder, env: { TMPDIR: folder } })
    expect(seen.code).toBe(0)
    const left = await readdir(folder)
    expect(left).toEqual([expect.stringMatching(/^freezeframe-orchard-\d{8}T\d{6}Z\.tar\.gz$/)])
    expect(seen.stdout.toString()).toBe(`${left[0]}\n`)
    expect(await runCli(['verify', left[0] ?? ''], { cwd: folder })).toMatchObject({ code: 0 })
  })

  it('shows what happened, the capture, its report, and what to do next', async () => {
    const seen = await runCli(['demo'], { cwd: folder })
    const bundle = seen.stdout.toString().trim()
    const report = await runCli(['analyze', bundle], { cwd: folder })
    const stderr = seen.stderr
      .replace(report.stdout.toString(), 'THE REPORT\n')
      .replace(/^\[\d:\d\d\] (?!connected).*\n/gm, '')
      .replace(/(happened there: )\S+(?=fixtures)/, '$1CHECKOUT/')
    await expect(transcript(['demo'], { ...seen, stderr }, folder)).toMatchFileSnapshot('snapshots/demo.txt')
  })

  it('captures what was recorded: the same cluster, the same pods', async () => {
    const seen = await runCli(['demo', 'unschedulable-after-rollout', '-o', 'copy.tar.gz'], { cwd: folder })
    expect(seen.code).toBe(0)
    const recorded = new URL('../../fixtures/incidents/unschedulable-after-rollout/bundle.tar.gz', import.meta.url)
      .pathname
    const [original, copy] = await Promise.all([readPods(recorded), readPods(join(folder, 'copy.tar.gz'))])
    expect(copy).toEqual(original)
    expect(copy.pods.length).toBeGreaterThan(10)
  })

  it('suggests commands that can be pasted, however it was called', { timeout: 60_000 }, async () => {
    const run = async (env: Readonly<Record<string, string>>) =>
      (await runCli(['demo', '--force', '-o', 'b.tar.gz'], { cwd: folder, env })).stderr
    expect(await run({ npm_lifecycle_event: 'demo' })).toContain('  npm run -s freezeframe -- verify b.tar.gz\n')
    expect(await run({ npm_command: 'exec' })).toContain('  npx freezeframe verify b.tar.gz\n')
    expect(await run({})).toContain('  freezeframe verify b.tar.gz\n')
  })

  it('gives automation what capture gives', async () => {
    const seen = await runCli(['demo', '--format', 'json', '--progress', 'none'], { cwd: folder })
    expect({ code: seen.code, stderr: seen.stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(seen.stdout.toString())).toMatchObject({
      cluster: { name: 'orchard' },
      outcome: { status: 'complete' },
    })
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing but a bundle behind on %s', async (signal) => {
    const kill = { text: '"type":"connected"', signals: [signal] }
    const seen = await runCli(['demo', '--progress', 'json'], { cwd: folder, env: { TMPDIR: folder }, kill })
    const left = await readdir(folder)
    expect(left.filter((name) => !name.endsWith('.tar.gz'))).toEqual([])
    expect(seen.stdout.toString()).toBe(left.map((name) => `${name}\n`).join(''))
  })

  it('lists what is recorded', async () => {
    const seen = await runCli(['demo', '--list'], { cwd: folder })
    await expect(transcript(['demo', '--list'], seen)).toMatchFileSnapshot('snapshots/demo-list.txt')
  })
})

async function readPods(bundle: string) {
  const opened = await openBundle(bundle)
  const list = JSON.parse((await opened.read('cluster/core/v1/pods/_all/0001.json')).toString())
  await opened.close()
  const pods: unknown[] = list.items
  return { cluster: opened.manifest.cluster.name, version: opened.manifest.cluster.version, pods }
}
