import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { type FakeCluster, type FakeOptions, startFakeCluster } from './fake-cluster.ts'

const HIDE = '\x1b[?25l'
const SHOW = '\x1b[?25h'

/** util-linux's script(1) gives a program a terminal of its own. */
const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux')

let cluster: FakeCluster | undefined
afterEach(async () => {
  await cluster?.close()
  cluster = undefined
})

/** Runs freezeframe on a terminal of 80 columns. */
async function onTerminal(options: FakeOptions, args: string, env: Readonly<Record<string, string>> = {}) {
  cluster = await startFakeCluster(options)
  const program = new URL('../../bin/freezeframe.js', import.meta.url).pathname
  const child = spawn(
    'script',
    ['-qefc', `stty cols 80 rows 24; exec ${process.execPath} ${program} ${args}`, '/dev/null'],
    {
      cwd: cluster.folder,
      env: { PATH: process.env.PATH, TERM: 'xterm-256color', KUBECONFIG: cluster.kubeconfig, ...env },
    },
  )
  let screen = ''
  child.stdout.on('data', (chunk) => {
    screen += chunk
  })
  const [code] = await once(child, 'close')
  return { code, screen }
}

describe.skipIf(!hasScript)('on a terminal', () => {
  it('a capture redraws its figures and gives the cursor back', async () => {
    const { code, screen } = await onTerminal({ pods: 40, delay: 20 }, 'capture')
    expect(code).toBe(0)
    expect(screen.indexOf(HIDE)).toBeGreaterThanOrEqual(0)
    expect(screen.lastIndexOf(SHOW)).toBeGreaterThan(screen.lastIndexOf(HIDE))
    expect(screen).toContain('band')
    expect(screen.slice(screen.lastIndexOf(SHOW))).toContain('Bundle: freezeframe-fake-')
  })

  it('never writes an archive to it', async () => {
    const { code, screen } = await onTerminal({}, 'capture -o -')
    expect(code).toBe(2)
    expect(screen).toContain('would write the archive to the terminal')
  })

  it('colours what is missing, and nothing where NO_COLOR is set', async () => {
    const yellow = '\x1b[33m'
    expect((await onTerminal({ denied: ['configmaps'] }, 'capture')).screen).toContain(yellow)
    await cluster?.close()
    const plain = await onTerminal({ denied: ['configmaps'] }, 'capture', { NO_COLOR: '1' })
    expect(plain.screen).toContain('Missing:')
    expect(plain.screen).not.toContain(yellow)
  })

  it('colours a report, and nothing where NO_COLOR is set', async () => {
    const report = `analyze ${new URL('../../fixtures/incidents/crash-loop-after-config-change/bundle.tar.gz', import.meta.url).pathname}`
    const bold = '\x1b[1m'
    expect((await onTerminal({}, report)).screen).toContain(bold)
    await cluster?.close()
    const plain = await onTerminal({}, report, { NO_COLOR: '1' })
    expect(plain.code).toBe(0)
    expect(plain.screen).toContain('Where')
    expect(plain.screen).not.toContain(bold)
  })
})
