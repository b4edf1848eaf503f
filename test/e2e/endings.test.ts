import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openBundle } from '../../src/bundle/reader.ts'
import { startControlPlane } from './cluster/control-plane.ts'
import { freezeframe, makeFolder, openOnly, start } from './run.ts'

let folder: Awaited<ReturnType<typeof makeFolder>>
beforeEach(async () => {
  folder = await makeFolder()
})
afterEach(() => folder.remove())

/** The whole log of 200 MB takes long enough to be interrupted. */
const SLOW = ['capture', '--logs', 'all', '--progress', 'plain']

describe('however a capture ends, what it had can be opened', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('%s: closes the bundle, exits 1', async (signal) => {
    const running = start([...SLOW, '-o', folder.path])
    await running.shows('connected')
    running.child.kill(signal)
    const { code } = await running.done
    expect(code).toBe(1)
    const bundle = await openOnly(folder.path)
    expect(bundle.truncated).toBeUndefined()
    expect(bundle.manifest.outcome).toMatchObject({ status: 'partial', ended: 'interrupted' })
    expect(bundle.manifest.ledger.some((line) => line.status === 'skipped' || line.status === 'partial')).toBe(true)
    await bundle.close()
  })

  it('a deadline: the ledger says what is missing, exits 1', async () => {
    const { code } = await freezeframe([...SLOW, '--deadline', '300ms', '-o', folder.path])
    expect(code).toBe(1)
    const bundle = await openOnly(folder.path)
    expect(bundle.manifest.outcome).toMatchObject({ status: 'partial', ended: 'deadline' })
    expect(bundle.manifest.ledger.filter((line) => line.reason?.includes('deadline')).length).toBeGreaterThan(0)
    await bundle.close()
  })

  it('kill -9: our reader opens the partial file with a warning, tar lists it up to the cut', async () => {
    const running = start([...SLOW, '--max-size', '1Gi', '-o', folder.path])
    await running.shows('pods:')
    await new Promise((resolve) => setTimeout(resolve, 1200))
    running.child.kill('SIGKILL')
    await running.done
    const [name = ''] = readdirSync(folder.path)
    if (!name.includes('.partial.')) return expect(name).toMatch(/\.tar\.gz$/)
    const bundle = await openBundle(join(folder.path, name))
    expect(bundle.truncated).toBeDefined()
    expect(bundle.manifest.outcome.status).toBe('partial')
    expect([...bundle.files.keys()]).toContain('README.txt')
    await bundle.close()
    const listed = execFileSync('sh', ['-c', `tar tzf '${join(folder.path, name)}' 2>/dev/null || true`], {
      encoding: 'utf8',
    })
    expect(listed).toContain('README.txt')
  })

  it('a full disk: exits 2 with one sentence, and what was written opens', async () => {
    const disk = mkdtempSync(join(tmpdir(), 'freezeframe-full-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk])
    try {
      const { code, stderr } = await freezeframe(['capture', '-o', disk])
      expect(code, stderr).toBe(2)
      expect(stderr).toContain('no space left on the device')
      expect(stderr).not.toMatch(/\n\s+at /)
      const bundle = await openOnly(disk)
      expect([...bundle.files.keys()]).toContain('README.txt')
      expect(bundle.truncated).toBeDefined()
      await bundle.close()
    } finally {
      execFileSync('umount', [disk])
      rmSync(disk, { recursive: true })
    }
  })

  it('the API server killed half-way: exits 1 with what it had', async () => {
    const workDir = mkdtempSync(join(tmpdir(), 'freezeframe-plane-'))
    const plane = await startControlPlane({ workDir })
    try {
      const running = start(['capture', '--progress', 'json', '-o', folder.path], { kubeconfig: plane.kubeconfig })
      await running.shows('"type":"file"')
      process.kill(plane.apiServerPid, 'SIGKILL')
      const { code, stderr } = await running.done
      expect(code, stderr).toBe(1)
      const bundle = await openOnly(folder.path)
      expect(bundle.truncated).toBeUndefined()
      expect(bundle.manifest.ledger.some((line) => line.status === 'failed' || line.status === 'partial')).toBe(true)
      await bundle.close()
    } finally {
      await plane.stop()
      rmSync(workDir, { recursive: true, force: true })
    }
  })

  it('an API server that was never there: exits 2, names host and cause, leaves nothing', async () => {
    const workDir = mkdtempSync(join(tmpdir(), 'freezeframe-plane-'))
    const plane = await startControlPlane({ workDir })
    await plane.stop()
    const { code, stderr } = await freezeframe(['capture', '-o', folder.path], { kubeconfig: plane.kubeconfig })
    rmSync(workDir, { recursive: true, force: true })
    expect(code).toBe(2)
    expect(stderr).toContain('connection refused')
    expect(stderr).toContain(new URL(plane.server).host)
    expect(readdirSync(folder.path)).toEqual([])
  })
})
