import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openBundle } from '../../src/bundle/reader.ts'
import type { CapturePlan, PlannedSource } from '../../src/capture/options.ts'
import type { CaptureSummary } from '../../src/cli/capture/summary.ts'
import { type FakeCluster, type FakeOptions, startFakeCluster } from './fake-cluster.ts'
import { type RunOptions, runCli, transcript } from './run.ts'

let cluster: FakeCluster | undefined
afterEach(async () => {
  await cluster?.close()
  cluster = undefined
})

/** Starts a cluster and runs freezeframe in its folder. */
async function against(options: FakeOptions, args: readonly string[], run: RunOptions = {}) {
  cluster = await startFakeCluster(options)
  const { folder, kubeconfig } = cluster
  const seen = await runCli(args, { cwd: folder, ...run, env: { KUBECONFIG: kubeconfig, ...run.env } })
  const bundles = (await readdir(folder)).filter((name) => name.endsWith('.tar.gz'))
  return { seen, bundles, folder }
}

describe('a capture', () => {
  it('prints the path of the bundle, and exits 0', async () => {
    const { seen, bundles, folder } = await against({}, ['capture'])
    expect(seen.code).toBe(0)
    expect(bundles).toHaveLength(1)
    expect(seen.stdout.toString()).toBe(`${bundles[0]}\n`)
    expect(bundles[0]).toMatch(/^freezeframe-fake-\d{8}T\d{6}Z\.tar\.gz$/)
    const verified = await runCli(['verify', join(folder, bundles[0] ?? '')])
    expect({ code: verified.code, stdout: verified.stdout.toString() }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Intact: '),
    })
  })

  it('books each request of its on one line of the ledger', async () => {
    const { bundles, folder } = await against({ denied: ['configmaps'] }, ['capture'])
    const bundle = await openBundle(join(folder, bundles[0] ?? ''))
    const { ledger, cost } = bundle.manifest
    await bundle.close()
    const asked = Object.values(cost.requests).flatMap((codes) => Object.values(codes))
    expect(sum(ledger.map(({ requests }) => requests))).toBe(sum(asked))
  })

  it('that was denied something exits 1, and says what and what to do', async () => {
    const { seen, folder } = await against({ denied: ['configmaps', 'pods/log'] }, ['capture'])
    expect(seen.code).toBe(1)
    const summary = seen.stderr.slice(seen.stderr.indexOf('Partial:'))
    await expect(transcript(['capture'], { ...seen, stderr: summary }, folder)).toMatchFileSnapshot(
      'snapshots/capture-denied.txt',
    )
  })

  it('of a namespace that does not exist exits 1, and says so', async () => {
    const args = ['capture', '-n', 'shop', '-n', 'shpo', '--progress', 'plain']
    const { seen } = await against({}, args)
    expect(seen.code).toBe(1)
    expect(seen.stderr).toContain('warning: there is no namespace "shpo"')
    expect(seen.stderr.slice(seen.stderr.indexOf('Missing:'))).toBe(
      'Missing:\n  failed  namespaces shpo: there is no namespace "shpo"\n',
    )
  })

  it('whose access reviews are refused is partial: nobody knows what this identity may read', async () => {
    const { seen } = await against({ denied: ['reviews'] }, ['capture', '--format', 'json', '--progress', 'none'])
    expect({ code: seen.code, missing: JSON.parse(seen.stdout.toString()).missing }).toEqual({
      code: 1,
      missing: [
        {
          collector: 'identity',
          scope: {},
          status: 'failed',
          reason: expect.stringMatching(/^(\d+) of \1 access reviews were not answered: .*cannot create reviews/),
        },
      ],
    })
  })

  it('with --format json prints a summary for automation', async () => {
    const { seen, bundles } = await against({ denied: ['configmaps'] }, [
      'capture',
      '--format',
      'json',
      '--progress',
      'none',
    ])
    expect({ code: seen.code, stderr: seen.stderr }).toEqual({ code: 1, stderr: '' })
    const summary: CaptureSummary = JSON.parse(seen.stdout.toString())
    expect(summary).toMatchObject({
      format: { type: 'freezeframe-capture-summary', version: 1 },
      outcome: { status: 'partial', ended: 'finished' },
      outputs: [{ path: bundles[0] }],
      cluster: { name: 'fake', version: 'v1.34.4' },
      missing: [{ collector: 'objects', scope: { resource: 'configmaps' }, status: 'denied' }],
    })
  })

  it('with --progress json tells every event as a line, and the summary last', async () => {
    const { seen } = await against({}, ['capture', '--progress', 'json'])
    const lines = seen.stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.every((line) => !Number.isNaN(Date.parse(line.time)))).toBe(true)
    expect(new Set(lines.map((line) => line.type))).toEqual(
      expect.objectContaining(
        new Set(['connected', 'queued', 'started', 'file', 'closed', 'finished', 'ending', 'summary']),
      ),
    )
    expect(lines.at(-1).type).toBe('summary')
  })

  it('with -o - gives the archive to stdout and nothing else', async () => {
    const { seen, bundles, folder } = await against({}, ['capture', '-o', '-', '-o', 'copy.tar.gz'])
    expect(seen.code).toBe(0)
    expect(bundles).toEqual(['copy.tar.gz'])
    expect(seen.stdout.equals(await readFile(join(folder, 'copy.tar.gz')))).toBe(true)
  })

  it('replaces an output only with --force', async () => {
    cluster = await startFakeCluster()
    const { folder, kubeconfig } = cluster
    await writeFile(join(folder, 'old.tar.gz'), 'precious')
    const run = { cwd: folder, env: { KUBECONFIG: kubeconfig } }
    const refused = await runCli(['capture', '-o', 'old.tar.gz'], run)
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('Cannot write old.tar.gz: it exists.') })
    expect(await readFile(join(folder, 'old.tar.gz'), 'utf8')).toBe('precious')
    expect(await runCli(['capture', '-o', 'old.tar.gz', '--force'], run)).toMatchObject({ code: 0 })
    expect(await runCli(['verify', 'old.tar.gz'], run)).toMatchObject({ code: 0 })
    await rm(join(folder, 'old.tar.gz'))
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('closes the bundle on %s and exits 1', async (signal) => {
    const kill = { text: '"type":"file"', signals: [signal] }
    const { seen, bundles, folder } = await against({ stuck: 'deployments' }, ['capture', '--progress', 'json'], {
      kill,
    })
    expect(seen.code).toBe(1)
    expect(seen.stdout.toString()).toBe(`${bundles[0]}\n`)
    expect(seen.stderr).toContain('"ended":"interrupted"')
    expect((await runCli(['verify', join(folder, bundles[0] ?? '')])).code).toBe(0)
  })

  it('stops at once on a second signal, with the cursor back and a partial file left', async () => {
    // Stopped in between, so that the second signal cannot come too late.
    const kill = { text: 'pods', signals: ['SIGSTOP', 'SIGINT', 'SIGTERM', 'SIGCONT'] } as const
    const args = ['capture', '--progress', 'live']
    const { seen, bundles } = await against({ stuck: 'deployments' }, args, { kill })
    expect({ code: seen.code, stdout: seen.stdout.toString() }).toEqual({ code: 1, stdout: '' })
    expect(seen.stderr.slice(seen.stderr.lastIndexOf('\x1b[?25h'))).toContain('Stopped at once')
    expect(bundles).toEqual([expect.stringMatching(/\.partial\.tar\.gz$/)])
  })

  it('goes on when nobody reads its progress any more', async () => {
    cluster = await startFakeCluster()
    const child = spawn(process.execPath, [new URL('../../bin/freezeframe.js', import.meta.url).pathname, 'capture'], {
      cwd: cluster.folder,
      env: { PATH: process.env.PATH, KUBECONFIG: cluster.kubeconfig },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stderr.destroy()
    child.stdout.resume()
    const [code] = await once(child, 'close')
    expect(code).toBe(0)
  })
})

function sum(counts: readonly number[]): number {
  return counts.reduce((total, one) => total + one, 0)
}

describe('--plan', () => {
  it('prints a table that fits 80 columns, writes nothing and exits 0', async () => {
    const { seen, bundles, folder } = await against({ denied: ['configmaps', 'pods/log'] }, ['capture', '--plan'])
    expect({ code: seen.code, bundles }).toEqual({ code: 0, bundles: [] })
    expect(
      Math.max(
        ...seen.stdout
          .toString()
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(80)
    await expect(transcript(['capture', '--plan'], seen, folder)).toMatchFileSnapshot('snapshots/plan.txt')
  })

  it('is the plan itself with --format json', async () => {
    const { seen } = await against({ denied: ['configmaps'] }, ['capture', '--plan', '--format', 'json'])
    const plan = JSON.parse(seen.stdout.toString())
    expect(plan.identity).toEqual({ username: 'ops', groups: ['system:authenticated'] })
    expect(plan.sources).toContainEqual(
      expect.objectContaining({ collector: 'objects', scope: { resource: 'configmaps' }, access: 'denied' }),
    )
  })

  it('lists each resource once, with limit=1', async () => {
    await against({}, ['capture', '--plan'])
    const lists = cluster?.asked.filter((url) => url.includes('limit=')) ?? []
    expect(lists.toSorted()).toEqual([
      '/api/v1/configmaps?limit=1',
      '/api/v1/events?limit=1',
      '/api/v1/namespaces?limit=1',
      '/api/v1/nodes?limit=1',
      '/api/v1/pods?limit=1',
      '/apis/apps/v1/deployments?limit=1',
    ])
  })

  it('names a watch that is denied, and what that costs', async () => {
    const { seen } = await against({ denied: ['watch pods'] }, ['capture', '--plan', '--format', 'json'])
    const denied = JSON.parse(seen.stdout.toString()).sources.filter((one: PlannedSource) => one.access === 'denied')
    expect(denied).toMatchObject([
      { collector: 'changes', scope: { resource: 'pods' }, loss: 'the bundle will hold no changes of pods' },
    ])
  })

  it('says which ways lead to what is on nodes, and what another tier would add; what is denied is named once', async () => {
    const { seen } = await against({ denied: ['pods/portforward', 'nodes/log'] }, ['capture', '--plan'])
    const text = seen.stdout.toString()
    expect(text).toContain(`Ways to what is on nodes:
  at the node's address
    kubelet-summary, kubelet-cadvisor, kubelet-metrics, kubelet-health,
    kubelet-pods, kubelet-config
  no way
    cni, kube-proxy, dns-metrics, node-logs, component-metrics
The next tier would add (see freezeframe permissions):
  --tier port-forward: kubelets that this machine does not reach
  --tier port-forward: what the CNI, kube-proxy and components count
  --tier kubelet: what kubelets count and say
`)
    expect(text.match(/the bundle will hold nothing that listens on nodes/g)).toHaveLength(1)
  })

  it('does not take a port-forward for denied where the server asks for no right to create one', async () => {
    const { seen } = await against({ denied: ['create pods/portforward'] }, ['capture', '--plan', '--format', 'json'])
    const { sources } = JSON.parse(seen.stdout.toString()) as CapturePlan
    expect(sources.find(({ collector }) => collector === 'cni')).toMatchObject({
      access: 'allowed',
      ways: ['port-forward'],
    })
  })

  it('asks who may use the ways that only an option opens, given or not, and names the rights that are missing', async () => {
    const denied = ['create jobs', 'nodes/proxy', 'create pods/exec']
    const { seen } = await against({ denied }, ['capture', '--plan', '--allow-exec', '--format', 'json'])
    const { options } = JSON.parse(seen.stdout.toString()) as CapturePlan
    expect(options.map(({ tier, isOpen, access, lacks }) => [tier, isOpen, access, lacks])).toEqual([
      ['node-diagnostic', false, 'unserved', []],
      // Before Kubernetes 1.35 nobody is asked for the right to create an exec.
      ['exec', true, 'allowed', []],
      ['nodes-proxy', false, 'denied', ['get nodes/proxy']],
      ['probe', false, 'denied', ['create jobs.batch in kube-system']],
    ])
    expect(options.find(({ tier }) => tier === 'probe')?.adds).toContain('journal')
  })

  it('says of a way that is open and denied what the bundle will not hold', async () => {
    const args = ['capture', '--plan', '--allow-exec', '--probe-pods', '--probe-namespace', 'tools']
    const { seen } = await against({ denied: ['pods/exec'] }, args)
    const text = seen.stdout.toString()
    expect(text).toContain('the bundle will hold nothing of journal')
    expect(text).toContain('lacks get pods/exec in tools')
    const { seen: one } = await against({ denied: ['create jobs'] }, [...args, '--format', 'json'])
    const { sources } = JSON.parse(one.stdout.toString()) as CapturePlan
    expect(sources.find(({ collector }) => collector === 'conntrack')).toMatchObject({
      access: 'unknown',
      ways: ['exec'],
    })
    expect(sources.find(({ collector }) => collector === 'journal')).toMatchObject({ access: 'denied', ways: [] })
  })

  it('asks for no way into nodes where none is to be read', async () => {
    const { seen } = await against({}, ['capture', '--plan', '--nodes', 'none', '--format', 'json'])
    expect((JSON.parse(seen.stdout.toString()) as CapturePlan).options).toEqual([])
  })

  it('names the events of nodes, which lie in another namespace', async () => {
    const { seen } = await against({}, ['capture', '-n', 'shop', '--plan', '--format', 'json'])
    const { sources } = JSON.parse(seen.stdout.toString()) as CapturePlan
    expect(sources.filter((one) => one.collector === 'events').map((one) => [one.scope, one.access])).toEqual([
      [{ resource: 'events', namespace: 'shop' }, 'allowed'],
      [{ resource: 'events', namespace: 'default' }, 'allowed'],
    ])
  })

  it('expects as many bytes of a list that ignores its limit', async () => {
    const bytesOf = async (options: FakeOptions) => {
      const { seen } = await against({ pods: 100, ...options }, ['capture', '--plan', '--format', 'json'])
      await cluster?.close()
      const { sources } = JSON.parse(seen.stdout.toString()) as CapturePlan
      return sources.find((one) => one.collector === 'pods')?.bytes ?? 0
    }
    const [limited, whole] = [await bytesOf({}), await bytesOf({ unlimited: true })]
    expect(whole / limited).toBeGreaterThan(0.5)
    expect(whole / limited).toBeLessThan(2)
  })
})
