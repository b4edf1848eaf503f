import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { citeReading } from '../../../src/incident/counters/reading.ts'
import { checkCitations } from '../../../src/rca/check-citations.ts'
import { cgroupOf, kernelOf } from '../kernel-answers.ts'
import { bundleOf, incidentOf, type Scene } from '../scene.ts'
import { node, pod } from '../things.ts'

const RECORDED = 'fixtures/kernel-network'
const POD = '0a1b2c3d-1111-4222-8333-444455556666'
const OTHER = '0a1b2c3d-1111-4222-8333-444455557777'

const recorded = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(RECORDED, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(txt|tsv)$/.test(path))
      .map((path) => [path, readFileSync(`${RECORDED}/${path}`, 'utf8')]),
  )

const sceneOf = (files: Record<string, string>): Scene => ({ objects: [node('node-1'), pod('shop/web-1')], files })

async function kernelIn(files: Record<string, string>) {
  const kernel = (await incidentOf(sceneOf(files))).kernel.of('node-1')
  if (!kernel) throw new Error('nobody was asked')
  return kernel
}

describe('what a kernel counts of its network', () => {
  it('is what one reads by hand, and stands where it is cited', async () => {
    const files = recorded()
    const kernel = await kernelIn(files)
    const overflows = kernel.tcpOfPod(POD, 'TcpExt.ListenOverflows')
    expect(overflows?.growth).toMatchObject({ delta: 257 })
    expect(overflows?.growth?.seconds).toBeCloseTo(15.16, 6)
    expect(kernel.tcp('TcpExt.ListenOverflows')?.growth?.delta).toBe(0)
    expect(kernel.tcp('Tcp.OutSegs')?.growth).toMatchObject({ delta: 633 })
    expect(kernel.tcp('Tcp.OutSegs')?.growth?.seconds).toBeCloseTo(15.21, 6)
    expect(kernel.neighbours('ipv4', 'entries')?.last.value).toBe(75)
    expect(kernel.neighbours('ipv6', 'entries')?.last.value).toBe(101)
    expect(kernel.setting('ipv6/neigh/default/gc_thresh3')?.value).toBe(1024)
    expect(kernel.setting('core/somaxconn')?.value).toBe(4096)
    const [conntrack] = kernel.allowance('conntrack_allowance_exceeded')
    expect([conntrack?.device, conntrack?.growth?.delta]).toEqual(['eth0', 340])
    const tracked = [overflows, conntrack, kernel.tcp('Tcp.RetransSegs'), kernel.neighbours('ipv4', 'table_fulls')].map(
      (one) => one?.last,
    )
    const cites = [...tracked, kernel.setting('core/somaxconn')].flatMap((one) => (one ? [citeReading(one)] : []))
    expect(cites.map(({ words }) => words.split(/[\s:]+/).at(-1))).toEqual(['267', '355', '99827', '00000000', '4096'])
    expect(await checkCitations(bundleOf(sceneOf(files)), cites)).toEqual([])
  })

  it('adds up the processors of what is counted, and not of what there is', async () => {
    const rows = (...values: string[]) => values.map((one) => `00000400 ${one}\n`).join('')
    const at = (...values: string[]) => `==> /proc/net/stat/arp_cache <==\nentries  table_fulls\n${rows(...values)}`
    const kernel = await kernelIn({
      'nodes/node-1/0/kernel-network/neighbour-cache.txt': at('00000001', '0000000a'),
      'nodes/node-1/1/kernel-network/neighbour-cache.txt': at('00000003', '0000001a'),
    })
    expect(kernel.neighbours('ipv4', 'entries')?.last.value).toBe(1024)
    expect(kernel.neighbours('ipv4', 'table_fulls')?.growth).toMatchObject({ delta: 18, seconds: 30 })
    expect(kernel.neighbours('ipv4', 'table_fulls')?.last.words).toBe('00000400 0000001a')
  })

  it('belongs to a pod by whole numbers of processes', async () => {
    const tables = (pid: string, overflows: number) =>
      `==> /proc/${pid}/net/netstat <==\nTcpExt: ListenOverflows ListenDrops\nTcpExt: ${overflows} 0\n\n`
    const kernel = await kernelIn({
      'nodes/node-1/0/kernel-network/pods.tsv': `12\t${cgroupOf(POD)}\n123\t${cgroupOf(OTHER)}\n9\t/system.slice/sshd/cgroup.procs\n`,
      'nodes/node-1/0/kernel-network/pods.txt': `${tables('123', 70)}${tables('9', 80)}${tables('12', 7)}`,
    })
    expect(kernel.tcpOfPod(POD, 'TcpExt.ListenOverflows')?.last.value).toBe(7)
    expect(kernel.tcpOfPod(OTHER, 'TcpExt.ListenOverflows')?.last.value).toBe(70)
    expect(kernel.podUids).toHaveLength(2)
  })

  it('says nothing of a process that two pods claim', async () => {
    const kernel = await kernelIn({
      'nodes/node-1/0/kernel-network/pods.tsv': `12\t${cgroupOf(POD)}\n12\t${cgroupOf(OTHER)}\n`,
      'nodes/node-1/0/kernel-network/pods.txt': '==> /proc/12/net/netstat <==\nTcpExt: ListenOverflows\nTcpExt: 7\n',
    })
    expect(kernel.podUids).toEqual([])
  })

  it.each([
    ['one sample', { fulls: [5] }],
    ['a counter that fell', { fulls: [500, 20] }],
    [
      'another start of the machine',
      { fulls: [5, 20], boots: ['0b000000-0000-4000-8000-000000000000', '0b000000-0000-4000-8000-000000000001'] },
    ],
  ])('has not grown as far as is known: %s', async (_, counted) => {
    const kernel = await kernelIn(kernelOf('node-1', counted))
    expect(kernel.neighbours('ipv4', 'table_fulls')).toMatchObject({ growth: undefined })
  })

  it('compares a process with itself: a pod that was made anew counts from zero', async () => {
    const files = kernelOf('node-1', { pods: { [POD]: [5, 50] } })
    const text = files['nodes/node-1/1/kernel-network/pods.tsv'] ?? ''
    const tables = files['nodes/node-1/1/kernel-network/pods.txt'] ?? ''
    const renewed = {
      ...files,
      'nodes/node-1/1/kernel-network/pods.tsv': text.replace('100\t', '200\t'),
      'nodes/node-1/1/kernel-network/pods.txt': tables.replace('/100/', '/200/'),
    }
    expect((await kernelIn(files)).tcpOfPod(POD, 'TcpExt.ListenOverflows')?.growth?.delta).toBe(45)
    expect((await kernelIn(renewed)).tcpOfPod(POD, 'TcpExt.ListenOverflows')?.growth).toBeUndefined()
  })

  it('finds of several processes of a pod the one that was there both times', async () => {
    const at = (sample: number, ...processes: readonly (readonly [string, number])[]) => ({
      [`nodes/node-1/${sample}/kernel-network/pods.tsv`]: processes
        .map(([pid]) => `${pid}\t${cgroupOf(POD)}\n`)
        .join(''),
      [`nodes/node-1/${sample}/kernel-network/pods.txt`]: processes
        .map(([pid, value]) => `==> /proc/${pid}/net/netstat <==\nTcpExt: ListenOverflows\nTcpExt: ${value}\n`)
        .join('\n'),
    })
    const kernel = await kernelIn({ ...at(0, ['90', 3], ['100', 3]), ...at(1, ['100', 8], ['110', 8]) })
    expect(kernel.tcpOfPod(POD, 'TcpExt.ListenOverflows')?.growth?.delta).toBe(5)
  })

  it('has no allowances where another driver counts, and none that the driver does not tell', async () => {
    const counted = { ena: { conntrack: [1, 90] } }
    const ena = await kernelIn(kernelOf('node-1', counted))
    expect(ena.allowance('conntrack_allowance_exceeded')).toHaveLength(1)
    expect(ena.allowance('conntrack_allowance_available')).toEqual([])
    const other = await kernelIn(kernelOf('node-1', { ...counted, driver: 'gve' }))
    expect(other.allowance('conntrack_allowance_exceeded')).toEqual([])
  })

  it.each([
    ['has other columns than names', 'TcpExt: ListenOverflows ListenDrops\nTcpExt: 1 2 3\n'],
    ['is cut off within a number', 'TcpExt: ListenDrops ListenOverflows\nTcpExt: 1 23'],
    ['has no number', 'TcpExt: ListenOverflows\nTcpExt: -1\n'],
    ['has a number beyond all counting', `TcpExt: ListenOverflows\nTcpExt: ${'9'.repeat(16)}\n`],
    ['has names only', 'TcpExt: ListenOverflows\n'],
    ['has values of another table', 'TcpExt: ListenOverflows\nIpExt: 7\n'],
  ])('leaves a table out that %s', async (_, text) => {
    const kernel = await kernelIn({ 'nodes/node-1/0/kernel-network/netstat.txt': text })
    expect(kernel.tcp('TcpExt.ListenOverflows')).toBeUndefined()
  })

  it('is the same for columns in another order', async () => {
    const text = 'TcpExt: ListenDrops Added ListenOverflows\nTcpExt: 1 2 3\n'
    const kernel = await kernelIn({ 'nodes/node-1/0/kernel-network/netstat.txt': text })
    expect(kernel.tcp('TcpExt.ListenOverflows')?.last).toMatchObject({ value: 3, line: 2, words: 'TcpExt: 1 2 3' })
  })
})

/** Numbers that look like chance and are the same each time (Park and Miller). */
function createChance(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

function damage(text: string, chance: (below: number) => number): string {
  const at = chance(text.length + 1)
  const ways = [
    () => text.slice(0, at),
    () => text.slice(at),
    () => text.slice(0, at) + String.fromCharCode(chance(0x300)) + text.slice(at),
    () => `${text.slice(0, at)}${'9'.repeat(chance(40))}${text.slice(at)}`,
    () => `${text.slice(0, at)} ${text.slice(at)}`,
    () => text.slice(0, at) + text.slice(at).replace('\n', ''),
    () => text + text,
  ]
  return (ways[chance(ways.length)] as () => string)()
}

describe('damaged answers', () => {
  it('never throw, and whatever is read of them stands where it is cited', async () => {
    const whole = recorded()
    for (let seed = 1; seed <= 120; seed++) {
      const chance = createChance(seed * 7919)
      const files = Object.fromEntries(
        Object.entries(whole).map(([path, text]) => [path, chance(2) === 0 ? text : damage(text, chance)]),
      )
      const kernel = (await incidentOf(sceneOf(files))).kernel.of('node-1')
      const readings = [
        kernel?.tcp('TcpExt.ListenOverflows'),
        kernel?.tcp('Tcp.RetransSegs'),
        kernel?.tcpOfPod(POD, 'TcpExt.ListenOverflows'),
        kernel?.neighbours('ipv4', 'table_fulls'),
        ...(kernel?.allowance('bw_out_allowance_exceeded') ?? []),
      ].flatMap((one) => (one ? [one.last, ...(one.growth ? [one.growth.before] : [])] : []))
      expect(await checkCitations(bundleOf(sceneOf(files)), readings.map(citeReading))).toEqual([])
      expect(readings.every(({ value }) => Number.isSafeInteger(value) && value >= 0)).toBe(true)
    }
  })
})
