import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { citeEntries } from '../../../src/incident/connections/connection-summary.ts'
import { portsOfRange } from '../../../src/incident/connections/connections.ts'
import { readKernelFiles } from '../../../src/incident/connections/kernel-files.ts'
import { readPrintedRows, readStatRows } from '../../../src/incident/connections/table-rows.ts'
import { citeReading } from '../../../src/incident/counters/reading.ts'
import { checkCitations } from '../../../src/rca/check-citations.ts'
import { bundleOf, incidentOf, type Scene } from '../scene.ts'
import { node } from '../things.ts'

const FOLDER = 'fixtures/connections'

function recorded(): Scene {
  const paths = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.(txt|tsv|json)$/.test(path),
  )
  const files = Object.fromEntries(paths.map((path) => [path, readFileSync(`${FOLDER}/${path}`, 'utf8')]))
  return { objects: [node('recorded-1'), node('constructed-1')], files }
}

async function connectionsOf(files: Readonly<Record<string, string | undefined>>) {
  const kept = Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return (await incidentOf({ objects: [node('n1')], files: Object.fromEntries(kept) })).connections.of('n1')
}

/** The files of the constructed node, as those of n1. */
function constructed(change: (text: string, path: string) => string | undefined = (text) => text) {
  const files = Object.entries(recorded().files ?? {}).filter(([path]) => path.startsWith('nodes/constructed-1/'))
  return Object.fromEntries(
    files.map(([path, text]) => [path.replace('constructed-1', 'n1'), change(text, path)] as const),
  )
}

describe('addresses of IPv6', () => {
  it('are the same however the kernel writes them, and what is none stays', async () => {
    const long = 'fd00:0010:0096:0000:0000:0000:0000:000a'
    const target = { protocol: 'tcp', address: long, port: 80, entries: 2, endpoints: [{ address: long, entries: 2 }] }
    const pair = { source: long, target: `tcp ${long} 80`, entries: 2 }
    const odd = { ...target, address: 'no:address', endpoints: [] }
    const summary = { entries: 4, whole: true, targets: [target, odd], sources: [], pairs: [pair] }
    const read = await connectionsOf({ 'nodes/n1/0/conntrack/connections.json': JSON.stringify(summary) })
    expect(read?.summary?.targets.map(({ address }) => address)).toEqual(['fd00:10:96::a', 'no:address'])
    expect(read?.summary?.targets[0]?.endpoints[0]?.address).toBe('fd00:10:96::a')
    expect(read?.summary?.pairs[0]).toMatchObject({ address: 'fd00:10:96::a', target: 'fd00:10:96::a', port: 80 })
  })
})

describe('the recorded table of a node', () => {
  it('says how full it is, and what it is set to', async () => {
    const { connections } = await incidentOf(recorded())
    const { table, localPorts } = connections.of('recorded-1') ?? {}
    expect(table?.counts.map(({ value }) => value)).toEqual([14, 314])
    expect(table?.most?.value).toBe(262_144)
    expect(table?.setting('nf_conntrack_tcp_timeout_time_wait')?.value).toBe(120)
    expect(table?.growth('drop')).toMatchObject({ delta: 0, seconds: 30 })
    expect(table?.growth('chaintoolong')?.delta).toBe(0)
    expect(localPorts).toBe(28_232)
  })

  it('says what was opened to where, and by whom', async () => {
    const { connections } = await incidentOf(recorded())
    const { summary } = connections.of('recorded-1') ?? {}
    expect(summary).toMatchObject({ entries: 14, whole: true, listsAllPairs: true })
    expect(summary?.targets.find(({ address }) => address === '10.96.0.9')).toMatchObject({
      protocol: 'tcp',
      port: 80,
      established: 4,
      endpoints: [{ address: '10.244.2.3', port: 8080, entries: 4 }],
    })
    expect(summary?.targets.find(({ address }) => address === '203.0.113.9')).toMatchObject({ unreplied: 1 })
    expect(summary?.pairs[0]).toMatchObject({ address: '10.244.1.7', target: '10.244.2.4', port: 9090 })
  })

  it('stands where it is cited', async () => {
    const scene = recorded()
    const { connections } = await incidentOf(scene)
    const cites = connections.nodes.flatMap(({ table, summary }) => [
      ...(table.most ? [citeReading(table.most)] : []),
      ...table.counts.map(citeReading),
      ...(table.growth('drop')?.cites ?? []),
      ...(summary
        ? [
            ...summary.targets.flatMap((target) => [target, ...target.endpoints]),
            ...summary.pairs,
            ...summary.sources,
          ].map((one) => citeEntries(summary, one))
        : []),
    ])
    expect(cites.length).toBeGreaterThan(15)
    expect(await checkCitations(bundleOf(scene), cites)).toEqual([])
  })
})

describe('what the kernel counted between two samples', () => {
  it('is the sum over the processors that one computes by hand, by the columns of that kernel', async () => {
    const table = (await connectionsOf(constructed()))?.table
    expect(table?.growth('drop')).toMatchObject({ delta: 910, seconds: 30 })
    expect(table?.growth('early_drop')?.delta).toBe(45)
    expect(table?.growth('insert_failed')?.delta).toBe(2)
    expect(table?.growth('chaintoolong')).toBeUndefined()
  })

  it('is what the program prints where the kernel has no file', async () => {
    const table = (await connectionsOf(constructed((text, path) => (path.endsWith('cpus.txt') ? undefined : text))))
      ?.table
    expect(table?.growth('drop')?.delta).toBe(910)
  })

  const isSecond = (path: string) => path.includes('/1/')
  it.each([
    ['one sample', 1, (text: string, path: string) => (isSecond(path) ? undefined : text)],
    ['a counter that fell', 2, (text: string, path: string) => (isSecond(path) ? text.replace('00009e98', '1') : text)],
    [
      'a processor that went',
      2,
      (text: string, path: string) => (isSecond(path) ? text.replace(/^.*0000a15e.*\n/m, '') : text),
    ],
    ['a header that is none', 2, (text: string) => text.replace('entries ', 'entry ')],
  ])('is unknown, not nought, with %s', async (_, samples, change) => {
    const table = (
      await connectionsOf(
        constructed((text, path) => (path.endsWith('statistics.txt') ? undefined : change(text, path))),
      )
    )?.table
    expect(table?.growth('drop')).toBeUndefined()
    expect(table?.counts.length).toBe(samples)
  })

  it('is unknown after a reboot', async () => {
    const boot = (id: number, uptime: string) =>
      `# boot_id 00000000-0000-4000-8000-00000000000${id}\ncpus.txt\t0\t475\t${uptime}\t\n`
    const growth = async (...boots: readonly string[]) => {
      const commands = boots.map((text, sample) => [`nodes/n1/${sample}/conntrack/commands.tsv`, text] as const)
      return (await connectionsOf({ ...constructed(), ...Object.fromEntries(commands) }))?.table.growth('drop')?.delta
    }
    expect(await growth(boot(1, '100.00'), boot(1, '130.00'))).toBe(910)
    expect(await growth(boot(1, '100.00'), boot(2, '130.00'))).toBeUndefined()
    expect(await growth(boot(1, '100.00'), boot(1, '30.00'))).toBeUndefined()
  })

  it('has no maximum where none is set, or where nought is', async () => {
    const most = async (value: string) =>
      (
        await connectionsOf({
          'nodes/n1/0/conntrack/sysctl.txt': `==> /proc/sys/net/netfilter/nf_conntrack_max <==\n${value}\n`,
        })
      )?.table.most?.value
    expect([await most('10'), await most('0'), await most('-1'), await most('many')]).toEqual([
      10,
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe("a stranger's files", () => {
  const texts = Object.values(recorded().files ?? {})

  it('are read without a word, cut anywhere or spoiled anywhere', async () => {
    let seed = 7
    const chance = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % below
    }
    for (let round = 0; round < 400; round++) {
      const text = texts[chance(texts.length)] ?? ''
      const at = chance(text.length + 1)
      const spoiled = [
        text.slice(0, at),
        text.slice(0, at) + String.fromCharCode(chance(256)) + text.slice(at + 1),
        text.slice(0, at) + '9'.repeat(400) + text.slice(at),
      ]
      const files = ['sysctl.txt', 'cpus.txt', 'statistics.txt', 'connections.json', 'commands.tsv'].map(
        (name, index) => [`nodes/n1/${round % 2}/conntrack/${name}`, spoiled[(index + round) % 3] ?? ''],
      )
      const found = round % 20 === 0 ? await connectionsOf(Object.fromEntries(files)) : undefined
      expect(found?.table.counts.every(({ value }) => Number.isSafeInteger(value))).not.toBe(false)
      for (const one of spoiled) {
        for (const row of [...readStatRows(one), ...readPrintedRows(one)])
          expect([...row.counts.values()].every(Number.isSafeInteger)).toBe(true)
        readKernelFiles(one)
      }
    }
  })

  it('are no summary where they have no numbers', async () => {
    const of = async (text: string) => (await connectionsOf({ 'nodes/n1/0/conntrack/connections.json': text }))?.summary
    for (const text of ['', '[1', '7', 'null', '{"entries":-1}', '{"entries":1e400}', '{"targets":[]}'])
      expect(await of(text)).toBeUndefined()
    const odd = {
      entries: 3,
      targets: [7, null, { protocol: 'tcp', address: '10.0.0.1', entries: 'x' }],
      pairs: [{ source: 'a', target: 3, entries: 1 }],
    }
    expect(await of(JSON.stringify(odd))).toMatchObject({ entries: 3, whole: false, targets: [], pairs: [] })
  })

  it.each([
    ['32768\t60999', 28_232],
    ['1 65535', 65_535],
    ['60999 32768', undefined],
    ['1024 70000', undefined],
    ['', undefined],
  ])('has so many ports: %j', (range, ports) => {
    expect(portsOfRange(range)).toBe(ports)
  })
})
