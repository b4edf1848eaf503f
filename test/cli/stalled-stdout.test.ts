import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type FakeCluster, startFakeCluster } from './fake-cluster.ts'
import { runCli } from './run.ts'

const PROGRAM = new URL('../../bin/freezeframe.js', import.meta.url).pathname

let cluster: FakeCluster
beforeEach(async () => {
  cluster = await startFakeCluster({ log: describeLog(), stuck: 'deployments' })
})
afterEach(() => cluster.close())

/** More than a pipe holds (64 KiB), however well it is compressed: words in an order that repeats nowhere. */
function describeLog(): string {
  const words = ['accepted', 'order', 'for', 'customer', 'cart', 'paid', 'with', 'stock', 'low', 'at', 'gate', 'open']
  const line = () => Array.from(randomBytes(12), (byte) => words[byte % words.length]).join(' ')
  return Array.from({ length: 20_000 }, () => `2026-01-31T23:59:59.000000000Z ${line()}\n`).join('')
}

/** Starts freezeframe with a pipe as stdout that is open and that nobody reads. */
function intoDeafPipe(args: readonly string[]) {
  const pipe = join(cluster.folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const fd = openSync(pipe, 'r+')
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', KUBECONFIG: cluster.kubeconfig }
  const child = spawn(process.execPath, [PROGRAM, 'capture', ...args], {
    cwd: cluster.folder,
    env,
    stdio: ['ignore', fd, 'pipe'],
  })
  closeSync(fd)
  let stderr = ''
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  return { child, done: once(child, 'close').then(([code]) => ({ code, stderr })) }
}

it('costs the deadline nothing, and the file is whole', async () => {
  const { code, stderr } = await intoDeafPipe(['-o', '-', '-o', 'file.tar.gz', '--deadline', '2s']).done
  expect(code).toBe(1)
  expect(stderr).toContain('Lost: Cannot write -: it took nothing for 1 s.')
  expect(await runCli(['verify', 'file.tar.gz'], { cwd: cluster.folder })).toMatchObject({ code: 0 })
})

it('alone it may be slow, but Ctrl-C ends the run', async () => {
  const { child, done } = intoDeafPipe(['-o', '-', '--progress', 'json'])
  // By then more is to be written than a pipe holds.
  child.stderr?.on('data', function interrupt(chunk: Buffer) {
    if (!chunk.includes('"logs/')) return
    child.stderr?.off('data', interrupt)
    setTimeout(() => child.kill('SIGINT'), 1000)
  })
  expect(await done).toEqual({
    code: 2,
    stderr: expect.stringContaining('Cannot write -: it took nothing for 1 s.'),
  })
})
