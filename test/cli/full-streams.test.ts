import { execFile, spawnSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type FakeCluster, startFakeCluster } from './fake-cluster.ts'
import { runCli } from './run.ts'

const BUNDLE = new URL('../../fixtures/incidents/crash-loop-after-config-change/bundle.tar.gz', import.meta.url)
  .pathname
const PROGRAM = new URL('../../bin/freezeframe.js', import.meta.url).pathname

let cluster: FakeCluster
beforeAll(async () => {
  cluster = await startFakeCluster()
})
afterAll(() => cluster.close())

/** Runs freezeframe as a shell does; /dev/full answers every write with "no space left on device" (full(4)). */
function inShell(command: string): Promise<{ code: number; stderr: string }> {
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', KUBECONFIG: cluster.kubeconfig }
  return new Promise((resolve) => {
    const line = `exec "${process.execPath}" "${PROGRAM}" ${command}`
    execFile('sh', ['-c', line], { cwd: cluster.folder, env }, (error, _stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stderr })
    })
  })
}

it('loses no evidence when progress cannot be written', async () => {
  expect(await inShell('capture -o quiet.tar.gz --progress plain 2>/dev/full')).toEqual({ code: 0, stderr: '' })
  expect(await runCli(['verify', 'quiet.tar.gz'], { cwd: cluster.folder })).toMatchObject({ code: 0 })
})

it.each(['permissions', 'permissions --offline', 'capture --plan', 'capture -o - --progress none'])(
  'says in a sentence that stdout is full, and exits 2: %s',
  async (command) => {
    const { code, stderr } = await inShell(`${command} >/dev/full`)
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^error: Cannot write .*: no space left on the device\.\n.*\n$/),
    })
  },
)

it('serves nobody where the line that says how to reach it is lost', async () => {
  expect(await inShell(`serve ${BUNDLE} >/dev/full`)).toEqual({
    code: 2,
    stderr: expect.stringMatching(/\nerror: Cannot write to stdout: no space left on the device\.\n.*\n$/),
  })
})

it('serves nobody where nobody reads that line', async () => {
  const line = `{ sleep 0.2; "${process.execPath}" "${PROGRAM}" serve ${BUNDLE}; echo "exit $?" >&2; } | true`
  const { stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8', timeout: 20_000 })
  expect(stderr).toMatch(/\nerror: Cannot write to stdout: nobody reads it\.\n.*\nexit 2\n$/)
})

it('keeps the file when only stdout is full', async () => {
  const { code, stderr } = await inShell('capture -o - -o both.tar.gz >/dev/full')
  expect(code).toBe(1)
  expect(stderr).toContain('Lost: Cannot write -: no space left on the device.')
  expect(await readdir(cluster.folder)).toContain('both.tar.gz')
})
