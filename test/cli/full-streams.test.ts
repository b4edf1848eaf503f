import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type FakeCluster, startFakeCluster } from './fake-cluster.ts'
import { runCli } from './run.ts'

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

it('keeps the file when only stdout is full', async () => {
  const { code, stderr } = await inShell('capture -o - -o both.tar.gz >/dev/full')
  expect(code).toBe(1)
  expect(stderr).toContain('Lost: Cannot write -: no space left on the device.')
  expect(await readdir(cluster.folder)).toContain('both.tar.gz')
})
