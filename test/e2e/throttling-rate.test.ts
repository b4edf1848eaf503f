import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BundleReader, openBundle } from '../../src/bundle/reader.ts'
import { throttlingNow } from '../../src/incident/counters/throttling.ts'
import { readIncident } from '../../src/incident/incident.ts'
import { kubectl } from './cluster/kubectl.ts'
import { freezeframe, makeFolder } from './run.ts'

const IMAGE = 'docker.io/library/busybox:1.36'
const POD = { kind: 'Pod', namespace: 'broken', name: 'cpu-throttled' }

let folder: Awaited<ReturnType<typeof makeFolder>>
let node: string
let id: string
let bundle: BundleReader
/** By `kubectl exec` in the container itself, around the capture. */
let seen: readonly Counted[]

/** What `cpu.stat` says. */
interface Counted {
  readonly periods: number
  readonly throttled: number
}

beforeAll(async () => {
  folder = await makeFolder()
  node = await nodeOf(POD.name)
  id = (await field(POD.name, '.status.containerStatuses[0].containerID')).replace('containerd://', '')
  const path = join(folder.path, 'throttled.tar.gz')
  const before = await look()
  const args = [
    '--nodes',
    node,
    '--only',
    'pods,nodes,throttling,journal,kubelet-cadvisor',
    '--samples',
    '2',
    '--interval',
    '20s',
  ]
  const { code, stderr } = await freezeframe([
    ...['capture', '-o', path, ...args],
    ...['--probe-pods', '--probe-image', IMAGE, '--progress', 'none'],
  ])
  expect(`${code} ${stderr}`).toMatch(/^[01] /)
  seen = [before, await look()]
  bundle = await openBundle(path)
})

afterAll(async () => {
  await bundle?.close()
  await folder.remove()
})

async function field(pod: string, path: string): Promise<string> {
  return (await kubectl(['get', 'pod', '-n', POD.namespace, pod, '-o', `jsonpath={${path}}`])).trim()
}

function nodeOf(pod: string): Promise<string> {
  return field(pod, '.spec.nodeName')
}

/** Of version 1 the files of the container lie in the hierarchy of the processor. */
async function look(): Promise<Counted> {
  const cat =
    'cat /sys/fs/cgroup/cpu,cpuacct/cpu.stat /sys/fs/cgroup/cpu/cpu.stat /sys/fs/cgroup/cpu.stat 2>/dev/null; true'
  const text = await kubectl(['exec', '-n', POD.namespace, POD.name, '--', 'sh', '-c', cat])
  return numbersOf(text)
}

function numbersOf(text: string): Counted {
  const number = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1])
  return { periods: number('nr_periods'), throttled: number('nr_throttled') }
}

/** The text of `cpu.stat` of the container in a sample, and the node's uptime when it was read, found by hand. */
async function byHand(sample: number): Promise<Counted & { readonly at: number }> {
  const read = async (name: string) => (await bundle.read(`nodes/${node}/${sample}/throttling/${name}`)).toString()
  const parts = (await read('cgroups.txt')).split(/^==> /m)
  const part = parts.find((one) => one.includes(`${id}/cpu.stat <==`) && one.includes('nr_periods'))
  const row = (await read('commands.tsv')).split('\n').find((one) => one.startsWith('cgroups.txt\t'))
  return { at: Number(row?.split('\t')[3]), ...numbersOf(part ?? '') }
}

describe('the throttling of a container on a real node', () => {
  it('has the rate that its cgroup files give between the two readings', async () => {
    const { counters } = await readIncident(bundle)
    const now = throttlingNow(counters, POD, 'app')
    const [before, after] = [await byHand(0), await byHand(1)]
    const seconds = after.at - before.at
    expect(seconds).toBeGreaterThan(15)
    expect(now).toMatchObject({ isWholePod: false, periods: after.periods - before.periods })
    expect(now?.cites[0].file).toContain('/throttling/cgroups.txt')
    const rate = (now?.throttled ?? 0) / (now?.seconds ?? 0)
    const ours = (after.throttled - before.throttled) / seconds
    expect(rate / ours).toBeGreaterThan(0.95)
    expect(rate / ours).toBeLessThan(1.05)
  })

  it('counts what the container sees itself, before the first reading and after the last', async () => {
    const now = throttlingNow((await readIncident(bundle)).counters, POD, 'app')
    const [before, after] = seen as readonly [Counted, Counted]
    const counts = [before, await byHand(0), await byHand(1), after].map(({ throttled }) => throttled)
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    expect(now?.throttled).toBe((counts[2] ?? 0) - (counts[1] ?? 0))
    expect(now?.quota).toBe(0.05)
  })

  it('goes with a whole machine whose time was counted, and coverage says what was read', async () => {
    const { counters, coverage } = await readIncident(bundle)
    const machine = counters.of(node)?.machine
    expect(machine?.processors).toBeGreaterThan(0)
    expect(machine?.time?.busy).toBeGreaterThan(0)
    expect(machine?.time?.busy).toBeLessThanOrEqual(1)
    expect(coverage.ofNodes('cgroups', [node])).toEqual({ how: 'all', why: '' })
  })
})

describe('what the kernel of a real node wrote', () => {
  it('is about the pod whose process it killed, by the path of its cgroup', async () => {
    const { said, now } = await readIncident(bundle)
    const killed = said('oom-kill-constraint').filter(({ about }) => about.kind === 'Pod')
    expect(new Set(killed.map(({ about }) => about.name))).toEqual(new Set(['oom-kill']))
    // Five minutes are the longest back-off, and some seconds pass before it is full.
    for (const { last = 0 } of killed.slice(-1)) expect(Math.abs(now - last)).toBeLessThan(6 * 60_000)
  })
})
