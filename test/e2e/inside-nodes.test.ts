import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConnectionSummary } from '../../collectors/connection-summary.ts'
import { type BundleReader, openBundle } from '../../src/bundle/reader.ts'
import { kubectl } from './cluster/kubectl.ts'
import { freezeframe, makeFolder, start } from './run.ts'

const IMAGE = 'docker.io/library/busybox:1.36'
const OURS = ['-n', 'kube-system', '-l', 'app.kubernetes.io/managed-by=freezeframe', '-o', 'name'] as const
const PROBE = ['--probe-pods', '--probe-image', IMAGE, '--progress', 'none'] as const

let folder: Awaited<ReturnType<typeof makeFolder>>
let node: string
beforeAll(async () => {
  folder = await makeFolder()
  node = (await kubectl(['get', 'pod', '-n', 'broken', 'cpu-throttled', '-o', 'jsonpath={.spec.nodeName}'])).trim()
})
afterAll(() => folder.remove())

async function left(kind: 'jobs' | 'pods'): Promise<string[]> {
  return (await kubectl(['get', kind, ...OURS])).split('\n').filter(Boolean)
}

/** Waits for what controllers do. */
async function until(isSo: () => Promise<boolean>, seconds = 60): Promise<void> {
  for (let at = 0; at < seconds * 2; at++) {
    if (await isSo()) return
    await sleep(500)
  }
  throw new Error(`it was not so after ${seconds} s`)
}

async function allGone(): Promise<void> {
  await until(async () => (await left('jobs')).length + (await left('pods')).length === 0)
}

async function capture(name: string, ...args: string[]): Promise<BundleReader> {
  const path = join(folder.path, `${name}.tar.gz`)
  const { code, stderr } = await freezeframe(['capture', '-o', path, '--nodes', node, ...args])
  expect(`${code} ${stderr}`).toMatch(/^[01] /)
  return openBundle(path)
}

async function text(bundle: BundleReader, path: string): Promise<string> {
  return (await bundle.read(path)).toString()
}

/** Starts a capture whose probe has run its batch and waits for the second. */
async function waiting(name: string) {
  const path = join(folder.path, `${name}.tar.gz`)
  const args = ['--samples', '2', '--interval', '60s', '--nodes', node, '--only', 'throttling', ...PROBE]
  const running = start(['capture', '-o', path, ...args])
  await until(async () => (await kubectl(['get', 'pods', ...OURS.slice(0, 4), '--no-headers'])).includes('Running'))
  await sleep(2000)
  return { path, running }
}

describe('a probe on a real node', () => {
  it('gives the counters of cgroups, of the kernel and of connections in both samples, and is gone', async () => {
    const args = [
      '--samples',
      '2',
      '--interval',
      '5s',
      '--only',
      'conntrack,kernel-network,throttling,disk,journal,runtime,ena',
    ]
    const bundle = await capture('both', ...args, ...PROBE)
    expect(await left('jobs')).toEqual([])
    const uid = (
      await kubectl(['get', 'pod', '-n', 'broken', 'cpu-throttled', '-o', 'jsonpath={.metadata.uid}'])
    ).trim()
    const throttled = async (sample: number) => {
      const cgroups = await text(bundle, `nodes/${node}/${sample}/throttling/cgroups.txt`)
      const files = cgroups
        .split(/^==> /m)
        .filter((file) => file.includes(`pod${uid}/`) && file.includes('cpu.stat <=='))
      // A unified hierarchy beside that of version 1 has files of that name too.
      return files.map((file) => Number(/nr_throttled (\d+)/.exec(file)?.[1] ?? 0)).reduce((a, b) => a + b, 0)
    }
    const counted = (await throttled(1)) - (await throttled(0))
    expect(counted).toBeGreaterThan(10)
    expect(await text(bundle, `nodes/${node}/0/kernel-network/netstat.txt`)).toContain('TcpExt: SyncookiesSent')
    expect(await text(bundle, `nodes/${node}/0/kernel-network/iptables-nat.tsv`)).toMatch(/^KUBE-SVC\t\d+$/m)
    expect(await text(bundle, `nodes/${node}/once/disk/df-k.txt`)).toMatch(/ \/$/m)
    const lines = bundle.manifest.ledger.filter(({ collector }) => collector === 'probes')
    expect(lines).toMatchObject([{ status: 'complete', reason: '1 probe was created and removed' }])
    expect(bundle.manifest.files.find(({ collector }) => collector === 'throttling')?.obtained.way).toBe('probe')
    await bundle.close()
    await allGone()
  })

  it('tells for a Service which endpoint each connection went to', async () => {
    const pod = (
      await kubectl([
        'get',
        'pods',
        '-n',
        'kube-system',
        '-l',
        'app=node-agent',
        '--field-selector',
        `spec.nodeName=${node}`,
        '-o',
        'name',
      ])
    ).trim()
    const address = (await kubectl(['get', 'service', '-n', 'shop', 'web', '-o', 'jsonpath={.spec.clusterIP}'])).trim()
    const asked = 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do nc -w 2 $0 80 </dev/null; sleep 0.2; done; true'
    await kubectl(['exec', '-n', 'kube-system', pod, '-c', 'agent', '--', 'sh', '-c', asked, address])
    const bundle = await capture('service', '--only', 'conntrack', ...PROBE)
    const summary = JSON.parse(await text(bundle, `nodes/${node}/0/conntrack/connections.json`)) as ConnectionSummary
    const target = summary.targets.find((one) => one.address === address && one.port === 80)
    // The server takes one at a time, and refuses some.
    expect(target?.entries).toBeGreaterThan(2)
    const pods = await kubectl(['get', 'pods', '-n', 'shop', '-o', 'jsonpath={.items[*].status.podIP}'])
    for (const { address: endpoint, port } of target?.endpoints ?? []) {
      expect(port).toBe(8080)
      expect(pods.split(' ')).toContain(endpoint)
    }
    expect(target?.endpoints.reduce((sum, { entries }) => sum + entries, 0)).toBe(target?.entries)
    await bundle.close()
  })

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'is deleted at %s, and the bundle is closed with what came',
    async (signal) => {
      const { path, running } = await waiting(signal)
      running.child.kill(signal)
      expect((await running.done).code).toBe(1)
      expect(await left('jobs')).toEqual([])
      const bundle = await openBundle(path)
      expect(bundle.manifest.outcome.ended).toBe('interrupted')
      expect(await text(bundle, `nodes/${node}/0/throttling/cgroups.txt`)).toContain('cpu.stat')
      await bundle.close()
      await allGone()
    },
  )

  it('is deleted at the deadline', async () => {
    const args = ['--samples', '2', '--interval', '19s', '--deadline', '20s', '--only', 'throttling']
    const bundle = await capture('deadline', ...args, ...PROBE)
    expect(await left('jobs')).toEqual([])
    await bundle.close()
    await allGone()
  })

  it('ends by itself when the program was killed', async () => {
    const { running } = await waiting('killed')
    running.child.kill('SIGKILL')
    await running.done
    const [job = ''] = await left('jobs')
    // The time that it has is not waited for: the deadline of the same Job is brought forward.
    await kubectl(['patch', '-n', 'kube-system', job, '--type', 'merge', '-p', '{"spec":{"activeDeadlineSeconds":5}}'])
    await until(async () => (await left('pods')).length === 0, 90)
    await until(async () => (await left('jobs')).length === 0, 90)
  })

  it('that cannot start says why, and is deleted', async () => {
    const bundle = await capture(
      'imageless',
      '--only',
      'throttling',
      '--probe-pods',
      '--probe-image',
      'nobody.invalid/none:1',
      '--progress',
      'none',
    )
    const line = bundle.manifest.ledger.find(({ collector }) => collector === 'throttling')
    expect(line).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/did not start: (ErrImagePull|ImagePullBackOff)/),
    })
    expect(await left('jobs')).toEqual([])
    await bundle.close()
    await allGone()
  })
})

/** The images of aws-node are not here: this container has their programs, of the machine, in a pod of the same name and rights. */
const STAND_IN = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'aws-node-stand-in', namespace: 'kube-system' },
  spec: {
    hostNetwork: true,
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
    tolerations: [{ operator: 'Exists' }],
    containers: [
      {
        name: 'aws-node',
        image: IMAGE,
        command: ['sleep', '3600'],
        securityContext: { capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW'] } },
        volumeMounts: ['usr', 'lib', 'lib64'].map((name) => ({ name, mountPath: `/${name}`, readOnly: true })),
      },
    ],
    volumes: ['usr', 'lib', 'lib64'].map((name) => ({ name, hostPath: { path: `/${name}` } })),
  },
}

describe('programs in a pod of the system', () => {
  it('give connections and counters without a shell, and without creating anything', async () => {
    const pod = { ...STAND_IN, spec: { ...STAND_IN.spec, nodeName: node } }
    await kubectl(['create', '--raw', '/api/v1/namespaces/kube-system/pods', '-f', await fileOf(pod)])
    await kubectl(['wait', '-n', 'kube-system', '--for=condition=Ready', 'pod/aws-node-stand-in', '--timeout=60s'])
    const bundle = await capture('exec', '--allow-exec', '--only', 'conntrack,kernel-network', '--progress', 'none')
    await kubectl(['delete', '-n', 'kube-system', 'pod', 'aws-node-stand-in'])
    const files = `nodes/${node}/0/conntrack`
    expect(await text(bundle, `${files}/sysctl.txt`)).toMatch(
      /^==> \/proc\S+_count <==\n\d+\n==> \/proc\S+_max <==\n\d+\n/,
    )
    expect(await text(bundle, `${files}/statistics.txt`)).toMatch(/^cpu=0\s+found=\d+/)
    expect(JSON.parse(await text(bundle, `${files}/connections.json`))).toMatchObject({ whole: true, unread: 0 })
    expect(await text(bundle, `nodes/${node}/0/kernel-network/snmp.txt`)).toContain('Tcp: RtoAlgorithm')
    expect(bundle.manifest.files.find(({ path }) => path.startsWith(files))?.obtained.way).toBe('exec')
    expect(bundle.manifest.cost.requests.delete).toBeUndefined()
    await bundle.close()
  })
})

describe('the rights that each way takes', () => {
  const SUBJECT = 'freezeframe-inside/watcher'
  const AS = ['--as', 'system:serviceaccount:freezeframe-inside:watcher', '--progress', 'none'] as const
  const grant = async (tier: string) => {
    const printed = await freezeframe(['permissions', '--tier', tier, '--service-account', SUBJECT])
    const path = join(folder.path, `${tier}.yaml`)
    await writeFile(path, printed.stdout)
    await kubectl(['apply', '-f', path])
  }
  const remove = async () => {
    await kubectl(['delete', 'role,rolebinding', '-n', 'kube-system', 'freezeframe-probe', '--ignore-not-found'])
    await kubectl(['delete', 'clusterrole,clusterrolebinding', 'freezeframe-base', '--ignore-not-found'])
  }
  beforeAll(remove)
  afterAll(remove)

  it('are those that are printed for the tier: with them it is read, without them denied', async () => {
    await grant('base')
    const args = ['--only', 'throttling', ...AS, '--probe-pods', '--probe-image', IMAGE]
    const without = await capture('without', ...args)
    const lines = ({ manifest }: BundleReader) => manifest.ledger.filter(({ collector }) => collector === 'throttling')
    expect(lines(without)).toMatchObject([
      { status: 'denied', reason: expect.stringContaining('jobs.batch is forbidden') },
    ])
    await without.close()
    await grant('probe')
    const granted = await capture('with', ...args)
    expect(lines(granted)).toMatchObject([{ status: 'complete' }])
    expect(granted.manifest.ledger.find(({ collector }) => collector === 'probes')).toMatchObject({
      status: 'complete',
    })
    await granted.close()
    await allGone()
  })
})

async function fileOf(object: object): Promise<string> {
  const path = join(folder.path, 'object.json')
  await writeFile(path, JSON.stringify(object))
  return path
}
