import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { MessageId } from '../../src/incident/messages/index.ts'
import { readNodeLine } from '../../src/incident/node-logs/log-line.ts'
import { checkCitations } from '../../src/rca/check-citations.ts'
import { commands, ID, UID } from './node-files.ts'
import { ago, bundleOf, incidentOf, NOW } from './scene.ts'
import { node, pod } from './things.ts'

const CLOCK = { read: Date.parse(NOW), booted: Date.parse(NOW) - 5000_000 }
const FULL = 'nf_conntrack: nf_conntrack: table full, dropping packet'

const web = pod('shop/web-1', {
  metadata: { uid: UID },
  containers: [{ status: { containerID: `containerd://${ID}` } }],
})

/** The logs of a node by their place, `journal/kernel.txt`; a batch reads its own 5000 s after the boot. */
function sceneOf(logs: Record<string, string>) {
  const files = Object.fromEntries(Object.entries(logs).map(([place, text]) => [`nodes/node-1/once/${place}`, text]))
  const batch = {
    'nodes/node-1/once/journal/commands.tsv': commands(0, ['dmesg.txt', 'kernel-failures.txt'], { readAt: [5000] }),
  }
  return { objects: [node('node-1'), web], files: { ...batch, ...files } }
}

async function said(logs: Record<string, string>, ...ids: MessageId[]) {
  const scene = sceneOf(logs)
  const found = (await incidentOf(scene)).said(...ids)
  expect(
    await checkCitations(
      bundleOf(scene),
      found.map(({ citation }) => citation),
    ),
  ).toEqual([])
  return found.map(({ about, count, first, last, source }) => ({
    about: about.container === undefined ? `${about.kind} ${about.name}` : `${about.name}/${about.container}`,
    count,
    first: first === undefined ? undefined : (first - Date.parse(NOW)) / 1000,
    last: last === undefined ? undefined : (last - Date.parse(NOW)) / 1000,
    source,
  }))
}

/** As `journalctl -o short-iso-precise --utc` gives it. */
const iso = (seconds: number, words: string, writer = 'kernel') =>
  `${ago(seconds).replace('Z', '.000000+0000')} host ${writer}: ${words}\n`

describe('how a line of a log of a node begins', () => {
  it.each([
    ['2026-02-01T11:59:00.123456+0000 host kernel: words', '2026-02-01T11:59:00.123Z', 'kernel'],
    ['2026-02-01T13:59:00+02:00 host kubelet[812]: words', '2026-02-01T11:59:00Z', 'kubelet'],
    ['2026-02-01T11:59:00.123456+00:00 host kernel: [ 4940.123456] words', '2026-02-01T11:59:00.123Z', 'kernel'],
    ['Feb  1 11:59:00 host kernel: [ 4940.123456] words', '2026-02-01T11:59:00Z', 'kernel'],
    ['Feb 01 11:59:00.123456 host kubelet[812]: words', '2026-02-01T11:59:00.123Z', 'kubelet'],
    ['Dec 31 23:59:00 host kernel: words', '2025-12-31T23:59:00Z', 'kernel'],
    ['[ 4940.500000] words', '2026-02-01T11:59:00.500Z', 'kernel'],
    ['<4>[ 4940.500000][ T1234] words', '2026-02-01T11:59:00.500Z', 'kernel'],
    ['[Sun Feb  1 11:59:00 2026] words', '2026-02-01T11:59:00Z', 'kernel'],
  ])('is read: %s', (line, at, writer) => {
    expect(readNodeLine(line, CLOCK)).toEqual({ at: Date.parse(at), writer, text: 'words' })
  })

  it('is read of a kubelet that writes its log itself', () => {
    expect(readNodeLine('E0201 11:59:00.500000    1234 kubelet.go:12] words', CLOCK)).toEqual({
      at: Date.parse('2026-02-01T11:59:00.500Z'),
      writer: undefined,
      text: 'kubelet.go:12] words',
    })
  })

  it('is no time where nobody knows the boot, or the date is none', () => {
    expect(readNodeLine('[ 4940.5] words', { read: CLOCK.read, booted: undefined }).at).toBeUndefined()
    expect(readNodeLine('Foo 12 11:59:00 host kernel: words', CLOCK).at).toBeUndefined()
    expect(readNodeLine('2026-13-41T11:59:00.1+0000 host kernel: words', CLOCK).at).toBeUndefined()
    expect(readNodeLine('', CLOCK)).toEqual({ at: undefined, writer: undefined, text: '' })
  })
})

describe('what a kernel wrote', () => {
  it('is said of its node, with when it was said first and last', async () => {
    const text = iso(300, FULL) + iso(200, 'eth0: link up') + iso(60, FULL)
    expect(await said({ 'journal/kernel.txt': text }, 'conntrack-table-full')).toEqual([
      { about: 'Node node-1', count: 2, first: -300, last: -60, source: 'log' },
    ])
  })

  it.each<[string, string, MessageId]>([
    ['neighbours', 'neighbour: arp_cache: neighbor table overflow!', 'arp-neighbor-table-overflow'],
    ['a task that hangs', 'INFO: task dd:123 blocked for more than 120 seconds.', 'blocked-task'],
    ['a disk', 'I/O error, dev nvme1n1, sector 12345 op 0x0:(READ) flags 0x80700', 'block-device-io-error'],
    ['a file system', 'XFS (nvme1n1): Corruption of in-memory data detected. Shutting down filesystem', 'xfs-shutdown'],
    ['memory', 'Out of memory: Killed process 4242 (java) total-vm:1kB', 'kernel-oom-kill'],
  ])('is known of %s', async (_, words, id) => {
    expect(await said({ 'journal/dmesg.txt': `[ 4940.000000] ${words}\n` }, id)).toMatchObject([
      { about: 'Node node-1', last: -60 },
    ])
  })

  it('is counted in the first log that has it alone', async () => {
    const both = { 'journal/kernel.txt': iso(60, FULL), 'journal/dmesg.txt': `[ 4940.0] ${FULL}\n[ 4941.0] ${FULL}\n` }
    expect(await said(both, 'conntrack-table-full')).toMatchObject([{ count: 1 }])
  })

  it('is heard in what an agent of the node has collected, by the time and the writer of each line', async () => {
    const folder = 'node-diagnostic'
    const dmesg = `[Sun Feb  1 11:59:00 2026] ${FULL}\n`
    const one = [{ about: 'Node node-1', count: 1, first: -60, last: -60, source: 'log' }]
    expect(await said({ [`${folder}/kernel/dmesg.human.current`]: dmesg }, 'conntrack-table-full')).toEqual(one)
    expect(await said({ [`${folder}/var_log/messages`]: iso(60, FULL) }, 'conntrack-table-full')).toEqual(one)
    expect(await said({ [`${folder}/var_log/messages`]: iso(60, FULL, 'app') }, 'conntrack-table-full')).toEqual([])
    const ofPod = `${folder}/var_log/kube-system_app-1_u1/app/messages`
    expect(await said({ [ofPod]: iso(60, FULL) }, 'conntrack-table-full')).toEqual([])
  })

  it('is not taken from another program, nor from a log of containers', async () => {
    const others = { 'node-logs/messages': iso(60, FULL, 'myapp[12]') + iso(50, 'x', 'kernel') }
    expect(await said(others, 'conntrack-table-full')).toEqual([])
    expect(await said({ 'node-logs/messages': iso(60, FULL) }, 'conntrack-table-full')).toHaveLength(1)
    expect(await said({ 'node-logs/pods/shop/web-1/u/app/kern.log': iso(60, FULL) }, 'conntrack-table-full')).toEqual(
      [],
    )
  })

  it('is left out where its time is not known: without a boot, or in a zone ahead of ours', async () => {
    expect(await said({ 'node-logs/dmesg': `[ 4940.0] ${FULL}\n` }, 'conntrack-table-full')).toEqual([])
    const ahead = `Feb  1 12:00:00 host kernel: ${FULL}\nFeb  1 14:00:00 host kernel: x\n`
    expect(await said({ 'node-logs/kern.log': ahead }, 'conntrack-table-full')).toEqual([])
  })
})

describe('whom the kernel killed', () => {
  const cgroup = `/kubepods/burstable/pod${UID}`
  const chosen = (limited: string, constraint = 'CONSTRAINT_MEMCG', task = `${cgroup}/${ID}`) =>
    `oom-kill:constraint=${constraint},nodemask=(null),cpuset=${ID},mems_allowed=0,${limited},task_memcg=${task},task=java,pid=77,uid=0`
  const killed = 'Memory cgroup out of memory: Killed process 77 (java) total-vm:1kB'
  const lines = (...words: string[]) => ({ 'journal/kernel.txt': words.map((one) => iso(60, one)).join('') })

  it('is told by the path of its cgroup, and by its number in the line that follows', async () => {
    const logs = lines(chosen(`oom_memcg=${cgroup}/${ID}`), killed)
    expect(await said(logs, 'oom-kill-constraint')).toMatchObject([{ about: 'web-1/app' }])
    expect(await said(logs, 'container-oom-kill')).toMatchObject([{ about: 'web-1/app' }])
  })

  it('is the pod alone where the container has gone, and the node where all pods or the machine were short', async () => {
    const other = 'b'.repeat(64)
    expect(
      await said(lines(chosen(`oom_memcg=${cgroup}`, 'CONSTRAINT_MEMCG', `${cgroup}/${other}`)), 'oom-kill-constraint'),
    ).toMatchObject([{ about: 'Pod web-1' }])
    expect(await said(lines(chosen('oom_memcg=/kubepods')), 'oom-kill-constraint')).toMatchObject([
      { about: 'Node node-1' },
    ])
    expect(await said(lines(chosen('global_oom', 'CONSTRAINT_NONE')), 'oom-kill-constraint')).toMatchObject([
      { about: 'Node node-1' },
    ])
  })

  it('is known of a recorded log', async () => {
    const text = readFileSync('fixtures/node-files/nodes/trial-2/once/journal/kernel-failures.txt', 'utf8')
    const uid = 'ddc4bca8-93db-413a-978e-dbe1dce799ad'
    const id = '285ec37d82b45af29256dd0ea35bc5e0cf53d052419700b70cf086a994fca7fe'
    const last = { terminated: { exitCode: 137, reason: 'Error', containerID: `containerd://${id}` } }
    const oom = pod('broken/oom-kill', { metadata: { uid }, containers: [{ status: { lastState: last } }] })
    const files = {
      'nodes/node-1/once/journal/kernel-failures.txt': text,
      'nodes/node-1/once/journal/commands.tsv': commands(0, ['kernel-failures.txt'], { readAt: [59115.5] }),
    }
    const found = (await incidentOf({ objects: [node('node-1'), oom], files })).said('oom-kill-constraint')
    expect(found.map(({ about, count }) => [about.name, about.container, count])).toEqual([
      ['oom-kill', undefined, 3],
      ['oom-kill', 'app', 1],
    ])
  })
})

describe('what a kubelet wrote', () => {
  const PLEG =
    'E0201 11:59:50.0 1 kubelet.go:2412] "Skipping pod synchronization" err="PLEG is not healthy: pleg was last seen active 3m5s ago; threshold is 3m0s"'
  const log = (...lines: (readonly [number, string])[]) => ({
    'node-logs/kubelet.journal.log': lines.map(([seconds, words]) => iso(seconds, words, 'kubelet[812]')).join(''),
  })

  it('is a state of its node while it is said, and over when it is not', async () => {
    expect(await said(log([300, PLEG], [20, PLEG]), 'pleg-unhealthy')).toMatchObject([
      { about: 'Node node-1', count: 2, last: -20 },
    ])
    expect(await said(log([600, PLEG], [400, PLEG], [5, 'I0201 all is well']), 'pleg-unhealthy')).toEqual([])
  })

  it('is no state of a kubelet that has only started', async () => {
    const starting =
      '"Skipping pod synchronization" err="[container runtime status check may not have completed yet, PLEG is not healthy: pleg has yet to be successful]"'
    expect(await said(log([20, starting]), 'pleg-unhealthy', 'container-runtime-down')).toEqual([])
  })

  it('is told of its runtime and of images', async () => {
    const down =
      'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused"'
    const images =
      '"Image garbage collection failed multiple times in a row" err="failed to garbage collect required amount of images. Attempted to free 5368709120 bytes, but only found 0 bytes eligible to free"'
    expect(await said(log([5, down]), 'container-runtime-down')).toHaveLength(1)
    expect(await said(log([500, images]), 'image-gc-failed')).toHaveLength(1)
  })

  it('is not what it quotes of a program, nor of its pods', async () => {
    const quoted = `"Probe failed" probeType="Liveness" output="PLEG is not healthy"`
    const pull = 'Failed to pull image "registry.example/web:2": not found; configmap "settings" not found'
    expect(await said(log([5, quoted], [5, pull]), 'pleg-unhealthy', 'missing-config-map', 'image-not-found')).toEqual(
      [],
    )
  })
})

describe("a stranger's logs", () => {
  it('never throw or hang, and are bounded', async () => {
    const whole =
      iso(60, FULL) +
      iso(
        50,
        `oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/kubepods/pod${UID},task_memcg=/kubepods/pod${UID},task=a,pid=1`,
      )
    let seed = 11
    const random = (most: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % most
    }
    for (let round = 0; round < 60; round++) {
      const bytes = Buffer.from(whole)
      for (let change = 0; change < 8; change++) bytes[random(bytes.length)] = random(256)
      await incidentOf(sceneOf({ 'journal/kernel.txt': bytes.subarray(0, random(bytes.length)).toString('latin1') }))
    }
    const letters = (index: number) => String.fromCharCode(97 + Math.floor(index / 26), 97 + (index % 26))
    const many = Array.from({ length: 600 }, (_, index) =>
      iso(60, `Kernel panic - not syncing: ${letters(index)}`),
    ).join('')
    expect(await said({ 'journal/kernel.txt': many }, 'kernel-panic')).toHaveLength(300)
  })
})
