import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LedgerLine } from '../../src/bundle/format.ts'
import type { BundleReader } from '../../src/bundle/reader.ts'
import { buildServers } from './cluster/build.ts'
import { KUBECONFIG } from './cluster/cluster.ts'
import { kubectl } from './cluster/kubectl.ts'
import { endKubelet, reconfigureKubelet, runInNode } from './cluster/node.ts'
import { PLACE, WORK_DIR } from './cluster/place.ts'
import { freezeframe, makeFolder, openOnly } from './run.ts'

const [FIRST, SECOND] = [`${PLACE.node}1`, `${PLACE.node}2`]
const ACCOUNTS = 'watchers'

interface Captured {
  readonly bundle: BundleReader
  readonly paths: readonly string[]
  text(path: string): Promise<string>
  /** `path status` of each line of a collector, of one node where it is named. */
  lines(collector: string, node?: string): readonly LedgerLine[]
}

/** Captures by these collectors, of all nodes. */
async function capture(only: string, args: readonly string[] = [], kubeconfig = KUBECONFIG): Promise<Captured> {
  const out = await makeFolder()
  const asked = ['capture', '--only', only, '--nodes', 'all', '-o', out.path, '--progress', 'none', ...args]
  const { code, stderr } = await freezeframe(asked, { kubeconfig })
  expect(code, stderr).toBeLessThan(2)
  const bundle = await openOnly(out.path)
  opened.push(async () => {
    await bundle.close()
    await out.remove()
  })
  return {
    bundle,
    paths: [...bundle.files.keys()],
    text: async (path) => (await bundle.read(path)).toString(),
    lines: (collector, node) =>
      bundle.manifest.ledger.filter(
        (line) => line.collector === collector && (node === undefined || line.scope.node === node),
      ),
  }
}

const opened: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of opened) await close()
})

const told = (lines: readonly LedgerLine[]) => lines.map(({ scope, status }) => `${scope.path} ${status}`).sort()

describe('what listens on nodes', () => {
  let captured: Captured
  beforeAll(async () => {
    captured = await capture('cni,kube-proxy,dns-metrics,component-metrics', ['--samples', '2', '--interval', '2s'])
  })

  it('is how kube-proxy works, and what it counts, twice', async () => {
    for (const node of [FIRST, SECOND]) {
      expect(await captured.text(`nodes/${node}/0/kube-proxy/mode.txt`)).toBe('iptables')
      for (const sample of [0, 1]) {
        const counters = await captured.text(`nodes/${node}/${sample}/kube-proxy/metrics.txt`)
        expect(counters).toContain('kubeproxy_sync_proxy_rules_iptables_total')
        expect(await captured.text(`nodes/${node}/${sample}/kube-proxy/healthz.txt`)).toContain('lastUpdated')
      }
    }
    const times = [0, 1].map((sample) => {
      const path = `nodes/${FIRST}/${sample}/kube-proxy/metrics.txt`
      return captured.bundle.manifest.files.find((file) => file.path === path)?.obtained.monotonicMs ?? 0
    })
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1500)
  })

  it('is what the CNI knows, where it answers; what it does not know is no evidence', async () => {
    expect(JSON.parse(await captured.text(`nodes/${FIRST}/1/cni/enis.json`))).toHaveProperty('0.AssignedIPs', 3)
    expect(await captured.text(`nodes/${FIRST}/1/cni/metrics.txt`)).toContain('awscni_total_ip_addresses 28')
    const first = captured.lines('cni', FIRST).filter(({ scope }) => scope.sample === 0)
    expect(told(first)).toEqual([
      ':61678/metrics complete',
      ':61679/v1/enis complete',
      ':61679/v1/ipamd-env-settings complete',
      ':61679/v1/networkutils-env-settings complete',
      ':61679/v1/pods unsupported',
      ':8162/metrics unsupported',
    ])
    expect(first.find(({ scope }) => scope.path === ':8162/metrics')?.reason).toBe('nobody listens on port 8162')
  })

  it('is what name servers count, twice; a component that is not there was not asked', async () => {
    const samples = captured.paths.filter((path) =>
      /^components\/kube-system\/name-server-.*\/dns-metrics\//.test(path),
    )
    expect(samples.map((path) => path.split('/')[3])).toEqual(['0', '1'])
    expect(await captured.text(samples[1] ?? '')).toContain('rcode="SERVFAIL"')
    expect(captured.lines('component-metrics')).toMatchObject([{ scope: {}, status: 'not-asked' }])
  })
})

/** The folder that a node has as /var/log. */
const logFolder = (number: string) => join(WORK_DIR, `node${number}`, 'logs')

describe('logs of nodes', () => {
  it('are files where the kubelet answers no queries, and never its listing', async () => {
    const { paths, text, lines } = await capture('node-logs')
    const root = `nodes/${FIRST}/once/node-logs`
    expect(await text(`${root}/kubelet.log`)).toContain('kubelet')
    expect(await text(`${root}/ipamd.log`)).toContain('no available IP/Prefix addresses')
    for (const path of paths.filter((one) => one.includes('/node-logs/')))
      expect(await text(path)).not.toMatch(/<pre>|<a href/)
    expect(told(lines('node-logs', FIRST))).toContain('/logs/?query=kubelet unsupported')
    expect(told(lines('node-logs', FIRST))).toContain('/logs/kern.log unsupported')
  })

  it('are of the journal where it does', async () => {
    const restore = await answerQueries('1')
    try {
      const { text, lines } = await capture('node-logs', ['--since', '1h'])
      const journal = await text(`nodes/${FIRST}/once/node-logs/kubelet.journal.log`)
      expect(journal).toMatch(/^--utc .*--since=\S+ \S+ .*--lines=5000 --unit=kubelet\n.*PLEG is not healthy\n$/)
      expect(told(lines('node-logs', FIRST))).toContain('/logs/?query=kubelet complete')
      const containerd = lines('node-logs', FIRST).find(({ scope }) => scope.path === '/logs/?query=containerd')
      expect(containerd).toMatchObject({ status: 'unsupported', reason: expect.stringContaining('containerd') })
      expect(told(lines('node-logs', SECOND))).toContain('/logs/?query=kubelet unsupported')
    } finally {
      await restore()
    }
  })

  it('are what was rotated away of a pod that fails, and all that a deleted one left', async () => {
    const pod = JSON.parse(await kubectl(['get', 'pod', 'crash-loop', '-n', 'broken', '-o', 'json']))
    const number = String(pod.spec.nodeName).slice(PLACE.node.length)
    const sick = join(logFolder(number), 'pods', `broken_crash-loop_${pod.metadata.uid}`, 'app')
    const gone = join(logFolder(number), 'pods', `broken_forgotten_${FORGOTTEN}`)
    const lastWords = `nodes/${pod.spec.nodeName}/once/node-logs/pods/broken/forgotten/${FORGOTTEN}/app/0.log`
    await writeFile(join(sick, '0.log.20260131-080000.gz'), gzipSync('2026-01-31T08:00:00Z stderr F long ago\n'))
    try {
      const { text } = await untilIt(
        async () => {
          await mkdir(join(gone, 'app'), { recursive: true })
          await writeFile(join(gone, 'app', '0.log'), '2026-01-31T08:00:00Z stderr F its last words\n')
          return capture('node-logs')
        },
        ({ paths }) => paths.includes(lastWords),
      )
      expect(await text(lastWords)).toContain('its last words')
      const rotated = `nodes/${pod.spec.nodeName}/once/node-logs/pods/broken/crash-loop/${pod.metadata.uid}/app/0.log.20260131-080000`
      expect(await text(rotated)).toContain('long ago')
    } finally {
      await rm(gone, { recursive: true, force: true })
      await rm(join(sick, '0.log.20260131-080000.gz'), { force: true })
    }
  })
})

/** A pod that the API server never had. */
const FORGOTTEN = '00000000-0000-0000-0000-000000000001'

/** Once a minute the kubelet removes what pods left that are gone, and may do so in between. */
async function untilIt<T>(attempt: () => Promise<T>, holds: (one: T) => boolean): Promise<T> {
  const first = await attempt()
  return holds(first) ? first : attempt()
}

/**
 * Lets a node's kubelet answer queries for logs, from a stand-in for journalctl that prints its arguments and a line: the cluster's machine need have
 * no systemd. The kubelet finds it in a folder that its mount namespace alone sees there.
 */
async function answerQueries(number: string): Promise<() => Promise<void>> {
  const folder = join(WORK_DIR, `node${number}`, 'journal')
  await mkdir(folder, { recursive: true })
  const script = `#!/bin/sh
[ "$1" = --field ] && { echo kubelet.service; exit; }
echo "$*"
echo 'Jan 31 08:00:00.000000 node kubelet[1]: PLEG is not healthy'
`
  await writeFile(join(folder, 'journalctl'), script)
  await chmod(join(folder, 'journalctl'), 0o755)
  runInNode(WORK_DIR, number, 'mount', '--bind', folder, '/usr/local/sbin')
  const gates = { KubeletCrashLoopBackOffMax: true }
  await reconfigureKubelet(WORK_DIR, number, {
    enableSystemLogQuery: true,
    featureGates: { ...gates, NodeLogQuery: true },
  })
  await answering(number)
  return async () => {
    runInNode(WORK_DIR, number, 'umount', '/usr/local/sbin')
    await reconfigureKubelet(WORK_DIR, number, { enableSystemLogQuery: false, featureGates: gates })
    await answering(number)
  }
}

/** Waits until the kubelet of a node answers, and its node is Ready. */
async function answering(number: string): Promise<void> {
  const name = `${PLACE.node}${number}`
  for (let left = 60; left > 0; left--) {
    const answered = await kubectl(['get', '--raw', `/api/v1/nodes/${name}/proxy/healthz`]).catch(() => '')
    if (answered === 'ok')
      return void (await kubectl(['wait', `node/${name}`, '--for=condition=Ready', '--timeout=60s']))
    await sleep(500)
  }
  throw new Error(`the kubelet of ${name} does not answer`)
}

describe('a kubelet that was killed', () => {
  it('costs each collector of its node one line, which says so, and the other node nothing', async () => {
    const start = await endKubelet(WORK_DIR, '2', 'SIGKILL')
    try {
      const { lines } = await capture('cni,kube-proxy,node-logs,kubelet-summary')
      for (const collector of ['cni', 'kube-proxy', 'node-logs', 'kubelet-summary']) {
        expect(lines(collector, SECOND), collector).toMatchObject([
          { status: 'failed', reason: expect.stringMatching(/refused|cannot be reached/i) },
        ])
        expect(lines(collector, FIRST).some(({ status }) => status === 'complete')).toBe(true)
      }
    } finally {
      await start()
      await answering('2')
    }
  })
})

describe('each tier of permissions', () => {
  beforeAll(async () => {
    await removeAccounts()
    await kubectl(['create', 'namespace', ACCOUNTS])
  })
  afterAll(removeAccounts)

  it('is what its evidence takes: with it that is read, without it denied, in one line for a node', async () => {
    const kubeconfig = await accountWith('base')
    const only = 'cni,kube-proxy,dns-metrics,node-logs,kubelet-cadvisor'
    const base = await capture(only, [], kubeconfig)
    expect(base.lines('pods')).toMatchObject([{ status: 'complete' }])
    for (const collector of ['cni', 'kube-proxy', 'node-logs', 'kubelet-cadvisor'])
      expect(base.lines(collector, FIRST), collector).toMatchObject([{ status: 'denied' }])
    expect(base.lines('dns-metrics')).toMatchObject([{ status: 'denied' }])
    expect(new Set([...base.lines('cni'), ...base.lines('kube-proxy')].map(({ reason }) => reason)).size).toBe(1)

    await grant('nodes-proxy')
    const proxy = await capture('node-logs', ['--allow-nodes-proxy'], kubeconfig)
    expect(told(proxy.lines('node-logs', FIRST))).toContain('/logs/kubelet.log complete')
    const log = proxy.bundle.manifest.files.find(({ path }) => path.endsWith(`${FIRST}/once/node-logs/kubelet.log`))
    expect(log?.obtained.way).toBe('proxy')

    await grant('kubelet')
    const kubelet = await capture(only, [], kubeconfig)
    expect(told(kubelet.lines('node-logs', FIRST))).toContain('/logs/kubelet.log complete')
    expect(told(kubelet.lines('kubelet-cadvisor', FIRST))).toEqual(['/metrics/cadvisor complete'])
    expect(kubelet.lines('cni', FIRST)).toMatchObject([{ status: 'denied' }])

    await grant('port-forward')
    const forward = await capture(only, [], kubeconfig)
    expect(told(forward.lines('cni', FIRST))).toContain(':61679/v1/enis complete')
    expect(told(forward.lines('kube-proxy', SECOND))).toContain(':10249/metrics complete')
    expect(told(forward.lines('dns-metrics'))).toEqual([':9153/metrics complete'])
    expect(forward.bundle.manifest.ledger.filter(({ status }) => status === 'denied')).toEqual([])
  }, 400_000)
})

async function removeAccounts(): Promise<void> {
  await kubectl(['delete', 'namespace', ACCOUNTS, '--ignore-not-found'])
  for (const tier of ['base', 'kubelet', 'port-forward', 'nodes-proxy']) {
    await kubectl(['delete', 'clusterrole,clusterrolebinding', `freezeframe-${tier}`, '--ignore-not-found'])
    await kubectl(['delete', 'role,rolebinding', `freezeframe-${tier}`, '-n', 'kube-system', '--ignore-not-found'])
  }
}

/** A kubeconfig of a fresh service account that has one tier. */
async function accountWith(tier: string): Promise<string> {
  await kubectl(['create', 'serviceaccount', 'watcher', '-n', ACCOUNTS])
  await grant(tier)
  const token = (await kubectl(['create', 'token', 'watcher', '-n', ACCOUNTS])).trim()
  const config = JSON.parse(await readFile(KUBECONFIG, 'utf8')) as { users: unknown[] }
  const path = join(WORK_DIR, 'watcher.kubeconfig')
  await writeFile(path, JSON.stringify({ ...config, users: [{ name: 'admin', user: { token } }] }))
  return path
}

/** Applies what `permissions` prints for a tier; a kubelet keeps a refusal for half a minute (authorization.webhook.cacheUnauthorizedTTL). */
async function grant(tier: string): Promise<void> {
  const printed = await freezeframe(['permissions', '--tier', tier, '--service-account', `${ACCOUNTS}/watcher`])
  expect(printed.code, printed.stderr).toBe(0)
  const args = ['kubectl', `--kubeconfig=${KUBECONFIG}`, 'apply', '-f', '-']
  execFileSync(await buildServers(), args, { input: printed.stdout })
  if (tier === 'kubelet') await sleep(35_000)
}
