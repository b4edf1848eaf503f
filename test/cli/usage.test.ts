import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCli, transcript } from './run.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freezeframe-usage-'))
  await writeFile(join(folder, 'garbage'), 'this: [is no kubeconfig')
  await writeFile(join(folder, 'config'), CONFIG)
})
afterAll(() => rm(folder, { recursive: true }))

/** Port 9 (discard) of loopback: nobody listens there. */
const CONFIG = JSON.stringify({
  clusters: [{ name: 'dead', cluster: { server: 'https://127.0.0.1:9' } }],
  users: [{ name: 'ops', user: { token: 'not-a-secret' } }],
  contexts: [{ name: 'dead', context: { cluster: 'dead', user: 'ops' } }],
  'current-context': 'dead',
})

/** Every mistake is answered with a sentence, a remedy and exit code 2, and never with a stack. */
const MISTAKES = [
  [],
  ['captrue'],
  ['capture', '--deadine', '5m'],
  ['capture', '--deadline', '5 minutes'],
  ['capture', '--deadline', '30d'],
  ['capture', '--only', 'evnts'],
  ['capture', '--skip', 'weather'],
  ['capture', '--only', ''],
  ['capture', '--kubeconfig', 'config', '--only', 'pods', '--skip', 'pods'],
  ['capture', '--kubeconfig', 'config', '--only', 'changes'],
  ['capture', '--namespace', ''],
  ['capture', '--plan', '--namespace', 'shop,'],
  ['permissions', '--namespace', ''],
  ['capture', '--logs', 'some'],
  ['capture', '--focus', 'pod/web'],
  ['capture', '--redaction-key', 'none'],
  ['capture', '--output', '-', '--format', 'json'],
  ['capture', '--kubeconfig', 'config', '--output', 'a', '--output', './a'],
  ['capture'],
  ['capture', '--kubeconfig', 'garbage'],
  ['capture', '--kubeconfig', 'config', '--context', 'prod'],
  ['capture', '--kubeconfig', 'config', '--progress', 'none'],
  ['capture', '--kubeconfig', 'config', '--output', 'none/bundle.tar.gz'],
  ['verify', 'none.tar.gz'],
  ['analyze'],
  ['analyze', 'none.tar.gz'],
  ['analyze', 'garbage'],
  ['analyze', '.'],
  ['analyze', 'none.tar.gz', '--why-not', 'oomkilled'],
  ['analyze', 'none.tar.gz', '--why-not', 'weather'],
  ['analyze', 'none.tar.gz', '--format', 'html'],
  ['analyze', 'none.tar.gz', '--fail-on', 'unsure'],
  ['analyze', 'none.tar.gz', '--output', 'none/report.md'],
  ['analyze', 'none.tar.gz', '--output', 'garbage'],
  ['analyze', 'none.tar.gz', '--output', '.'],
  ['explain', 'oomkilled'],
  ['explain', 'weather'],
  ['serve'],
  ['serve', 'none.tar.gz', '--', 'kubectl', 'get', 'pods'],
  ['serve', 'none.tar.gz', '--port', '65536'],
  ['serve', 'none.tar.gz', '--replay-changes=fast'],
  ['serve', '--replay-changes', 'none.tar.gz'],
  ['serve', 'none.tar.gz', '--address', '0.0.0.0'],
  ['serve', 'none.tar.gz', '--address', 'lan'],
  ['serve', 'none.tar.gz', '--shell'],
  ['serve', 'none.tar.gz', '--shell', '--', 'k9s'],
  ['demo', 'crash-lop-after-config-change'],
  ['demo', 'volcano'],
  ['demo', 'c'],
  ['permissions', '--service-account', 'ops'],
  ['completion', 'tcsh'],
]

it.each(MISTAKES.map((args) => [args.join(' '), args] as const))('freezeframe %s', async (_, args) => {
  const seen = await runCli(args, { cwd: folder })
  expect(seen.code).toBe(2)
  if (!args.includes('json')) expect(seen.stdout.toString()).toBe('')
  expect(seen.stderr).not.toMatch(/\n\s+at /)
  const name = args.join(' ').replace(/[^a-z0-9]+/gi, '-') || 'nothing'
  await expect(transcript(args, seen, folder)).toMatchFileSnapshot(`snapshots/mistakes/${name}.txt`)
})

it('errors are JSON where JSON was asked for', async () => {
  const seen = await runCli(['capture', '--kubeconfig', 'none', '--format', 'json', '--progress', 'json'], {
    cwd: folder,
  })
  expect(seen.code).toBe(2)
  expect(JSON.parse(seen.stdout.toString())).toMatchObject({ error: { code: 'KUBECONFIG_MISSING' } })
  expect(JSON.parse(seen.stderr)).toMatchObject({ type: 'error', code: 'KUBECONFIG_MISSING' })
})
