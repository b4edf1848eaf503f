import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { throttlingEver, throttlingNow } from '../../../src/incident/counters/throttling.ts'
import { checkCitations } from '../../../src/rca/check-citations.ts'
import { cadvisor, throttled } from '../kubelet-answers.ts'
import { cgroupFiles, cgroupPath, ID, type Layout, machineFiles, throttledCgroup, UID } from '../node-files.ts'
import { bundleOf, incidentOf, type Scene } from '../scene.ts'
import { node, pod } from '../things.ts'

const WEB = { kind: 'Pod', namespace: 'shop', name: 'web-1' }
const V2: Layout = { version: 2, driver: 'systemd' }
const OTHER = 'a'.repeat(64)

const web = pod('shop/web-1', {
  metadata: { uid: UID },
  containers: [{ status: { containerID: `containerd://${ID}` } }],
})

const sceneOf = (files: Record<string, string>): Scene => ({ objects: [node('node-1'), web], files })
const countersOf = async (files: Record<string, string>) => (await incidentOf(sceneOf(files))).counters

describe('the files of a cgroup', () => {
  it.each<Layout>([
    { version: 2, driver: 'systemd' },
    { version: 2, driver: 'cgroupfs' },
    { version: 1, driver: 'systemd' },
    { version: 1, driver: 'cgroupfs' },
  ])('tell how far a container was held up between two samples: v$version, $driver', async (layout) => {
    const scene = sceneOf(cgroupFiles('node-1', layout, [throttledCgroup(layout, [732, 1032], [700, 970])]))
    const { counters } = await incidentOf(scene)
    const now = throttlingNow(counters, WEB, 'app')
    expect(now).toMatchObject({ periods: 300, throttled: 270, share: 0.9, seconds: 30, quota: 0.05, isWholePod: false })
    expect(now?.stood).toBeCloseTo(21.6, 6)
    expect(await checkCitations(bundleOf(scene), now?.cites ?? [])).toEqual([])
  })

  it('give the figures beside it, whichever version they are of', async () => {
    const figures = async (layout: Layout, files: Record<string, readonly string[]>) => {
      const cgroup = { podUid: UID, containerId: ID, files }
      const found = (await countersOf(cgroupFiles('node-1', layout, [cgroup]))).cgroupOf(WEB, 'app')
      const growth = (name: Parameters<NonNullable<typeof found>['growth']>[0]) => found?.growth(name)?.delta
      return [
        growth('container_oom_events_total'),
        growth('container_memory_failcnt'),
        growth('container_refused_processes_total'),
        found?.last('container_threads')?.value,
      ]
    }
    const pids = { 'pids.current': ['3', '9'], 'pids.max': ['max', '9'], 'pids.events': ['max 2', 'max 7'] }
    const events = (max: number, kills: number) =>
      `low 0\nhigh 0\nmax ${max}\noom ${kills}\noom_kill ${kills}\noom_group_kill 0`
    expect(await figures(V2, { 'memory.events': [events(4, 1), events(9, 3)], ...pids })).toEqual([2, 5, 5, 9])
    const control = (kills: number) => `oom_kill_disable 0\nunder_oom 0\noom_kill ${kills}`
    const old = { 'memory.failcnt': ['4', '9'], 'memory.oom_control': [control(1), control(3)], ...pids }
    expect(await figures({ version: 1, driver: 'cgroupfs' }, old)).toEqual([2, 5, 5, 9])
  })

  it('tell how much it used, and how long it waited for a processor', async () => {
    const waited = (total: number) =>
      `some avg10=1.00 avg60=1.00 avg300=1.00 total=${total}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0`
    const cgroup = throttledCgroup(V2, [0, 300], [0, 100])
    const files = { ...cgroup.files, 'cpu.pressure': [waited(1_000_000), waited(13_000_000)] }
    const found = (await countersOf(cgroupFiles('node-1', V2, [{ ...cgroup, files }]))).cgroupOf(WEB, 'app')
    expect(found?.growth('container_cpu_usage_seconds_total')?.perSecond).toBeCloseTo(0.05, 9)
    expect(found?.growth('container_pressure_cpu_waiting_seconds_total')?.perSecond).toBeCloseTo(0.4, 9)
  })

  it('are over the time between the readings by the clock of the node', async () => {
    const files = cgroupFiles('node-1', V2, [throttledCgroup(V2, [0, 300], [0, 150])], { readAt: [100, 112.5] })
    expect(throttlingNow(await countersOf(files), WEB, 'app')?.seconds).toBe(12.5)
    const { 'nodes/node-1/1/throttling/commands.tsv': _, ...without } = files
    expect(throttlingNow(await countersOf(without), WEB, 'app')?.seconds).toBe(30)
  })

  it.each<[string, Record<string, string>]>([
    ['one sample', cgroupFiles('node-1', V2, [throttledCgroup(V2, [900], [900])])],
    [
      'another boot',
      cgroupFiles('node-1', V2, [throttledCgroup(V2, [0, 900], [0, 900])], { boots: [UID, UID.replace('1', '2')] }),
    ],
    [
      'a clock that fell',
      cgroupFiles('node-1', V2, [throttledCgroup(V2, [0, 900], [0, 900])], { boots: ['', ''], readAt: [900, 30] }),
    ],
    ['a counter that fell', cgroupFiles('node-1', V2, [throttledCgroup(V2, [1000, 900], [1000, 900])])],
  ])('give no rate with %s', async (_, files) => {
    const counters = await countersOf(files)
    expect(throttlingNow(counters, WEB, 'app')).toBeUndefined()
    expect(throttlingEver(counters, WEB, 'app')).toMatchObject({ periods: 900, share: 1 })
  })
})

describe('the files of a recorded node', () => {
  const ref = { kind: 'Pod', namespace: 'broken', name: 'cpu-throttled' }
  const paths = readdirSync('fixtures/node-files', { recursive: true, encoding: 'utf8' })
  const files = Object.fromEntries(
    paths
      .filter((path) => /\.(txt|tsv)$/.test(path))
      .map((path) => [path, readFileSync(`fixtures/node-files/${path}`, 'utf8')]),
  )
  const made = pod('broken/cpu-throttled', {
    metadata: { uid: '8a051bd1-91d0-4bb2-ac85-147a252a896c' },
    node: 'trial-2',
    containers: [
      { status: { containerID: 'containerd://6a24741c9a154dc6d84d30ab3d3fc6a302a690c15651135eedc20b3bb3245357' } },
    ],
  })
  const scene = { objects: [node('trial-2'), made], files }

  it('give the rates that one computes by hand', async () => {
    const { counters } = await incidentOf(scene)
    const now = throttlingNow(counters, ref, 'app')
    expect(now).toMatchObject({ periods: 180, throttled: 180, quota: 0.05, isWholePod: false })
    expect(now?.seconds).toBeCloseTo(18.36, 6)
    expect(now?.stood).toBeCloseTo(8.993972747, 6)
    const cgroup = counters.cgroupOf(ref, 'app')
    expect(cgroup?.growth('container_cpu_usage_seconds_total')?.delta).toBeCloseTo(0.899826447, 6)
    expect(cgroup?.growth('container_pressure_cpu_waiting_seconds_total')?.delta).toBeCloseTo(12.659474, 6)
    expect(await checkCitations(bundleOf(scene), now?.cites ?? [])).toEqual([])
  })

  it('give how the time of the machine was spent', async () => {
    const machine = (await incidentOf(scene)).counters.of('trial-2')?.machine
    expect(machine?.time?.busy).toBeCloseTo(3609 / 3637, 9)
    expect(machine?.time?.stolen).toBe(0)
    expect([machine?.processors, machine?.pressure('cpu')?.value]).toEqual([2, 86.01])
  })
})

describe('whose a cgroup is', () => {
  it('is told by whole ids, not by a part of one', async () => {
    const [held, free] = [
      throttledCgroup(V2, [0, 300], [0, 300], { podUid: UID, containerId: `${ID.slice(0, -1)}0` }),
      throttledCgroup(V2, [0, 300], [0, 0]),
    ]
    const counters = await countersOf(cgroupFiles('node-1', V2, [held, free]))
    expect(throttlingNow(counters, WEB, 'app')?.share).toBe(0)
  })

  it('is not the container of before, nor what lies within one or beside it', async () => {
    const layout: Layout = { version: 2, driver: 'cgroupfs' }
    const files = cgroupFiles('node-1', layout, [
      throttledCgroup(layout, [0, 300], [0, 300], { podUid: UID, containerId: OTHER }),
    ])
    expect((await countersOf(files)).nodes[0]?.cgroups).toEqual([])
    const path = cgroupPath(layout, UID, OTHER)
    for (const inside of [`${path}/init.scope`, `kubepods/burstable/pod${UID}/crio-conmon-${OTHER}.scope`]) {
      const moved = Object.fromEntries(
        Object.entries(files).map(([name, text]) => [name, text.replaceAll(path, inside)]),
      )
      expect((await countersOf(moved)).nodes[0]?.cgroups).toEqual([])
    }
  })

  it('is nobody’s where two cgroups say they are the same one', async () => {
    const twice = (['systemd', 'cgroupfs'] as const).map((driver) =>
      cgroupFiles('node-1', { version: 2, driver }, [
        throttledCgroup(V2, [0, 300], [0, driver === 'systemd' ? 300 : 0]),
      ]),
    )
    const both = Object.fromEntries(
      Object.keys(twice[0] ?? {}).map((name) => [name, twice.map((one) => one[name]).join('\n')]),
    )
    expect(throttlingNow(await countersOf(both), WEB, 'app')).toBeUndefined()
  })

  it('is told in a tree of version 2 beside those of version 1, which has fewer files', async () => {
    const old: Layout = { version: 1, driver: 'cgroupfs' }
    const files = cgroupFiles('node-1', old, [throttledCgroup(old, [0, 300], [0, 300])])
    const beside = (sample: number) =>
      `\n==> /host/sys/fs/cgroup/unified/${cgroupPath(old, UID, ID)}/cpu.stat <==\nusage_usec ${sample * 1000}\nuser_usec 0\nsystem_usec 0\n`
    const both = Object.fromEntries(
      Object.entries(files).map(([name, text]) => [
        name,
        name.endsWith('cgroups.txt') ? text + beside(Number(name.split('/')[2])) : text,
      ]),
    )
    expect(throttlingNow(await countersOf(both), WEB, 'app')).toMatchObject({ share: 1 })
  })
})

describe('the time of the processors of a machine', () => {
  it('is busy, idle or stolen', async () => {
    const ticks = [
      [1000, 10, 500, 9000, 100, 3, 7, 50],
      [1200, 20, 560, 9500, 90, 5, 15, 270],
    ]
    const time = (await countersOf(machineFiles('node-1', { ticks }))).of('node-1')?.machine.time
    expect(time?.busy).toBeCloseTo(0.28, 9)
    expect(time?.stolen).toBeCloseTo(0.22, 9)
    expect(time?.seconds).toBe(30)
  })
})

describe('one answer of two ways', () => {
  const files = (samples: number) => {
    const counts = [100, 400].slice(0, samples)
    return cgroupFiles('node-1', V2, [throttledCgroup(V2, counts, counts)])
  }
  const series = (samples: number) =>
    cadvisor('node-1', throttled('web-1', [100, 400].slice(0, samples), [0, 0].slice(0, samples)))
  const shareOf = async (both: Record<string, string>) => throttlingNow(await countersOf(both), WEB, 'app')?.share

  it('is that of the files, or of cAdvisor where only it was read twice', async () => {
    expect(await shareOf({ ...series(2), ...files(2) })).toBe(1)
    expect(await shareOf({ ...series(1), ...files(2) })).toBe(1)
    expect(await shareOf({ ...series(2), ...files(1) })).toBe(0)
    expect(await shareOf({ ...series(1), ...files(1) })).toBeUndefined()
  })
})

describe('files that are not as the kernel writes them', () => {
  const whole = cgroupFiles('node-1', V2, [throttledCgroup(V2, [73, 373], [7, 277])])
  const [first = '', second = ''] = [0, 1].map((sample) => whole[`nodes/node-1/${sample}/throttling/cgroups.txt`] ?? '')
  const read = async (before: string, after: string) =>
    throttlingNow(
      await countersOf({
        ...whole,
        'nodes/node-1/0/throttling/cgroups.txt': before,
        'nodes/node-1/1/throttling/cgroups.txt': after,
      }),
      WEB,
      'app',
    )

  it('are the truth or nothing, wherever they are cut', async () => {
    for (let end = 0; end < second.length; end++) {
      const now = await read(first, second.slice(0, end))
      if (now) expect([now.periods, now.throttled]).toEqual([300, 270])
    }
  })

  it('say nothing where columns or numbers are wrong', async () => {
    const spoilt = [
      second.replaceAll('nr_periods ', 'nr_periods  '),
      second.replaceAll('nr_periods ', 'nr_periods -x'),
      second.replaceAll(/nr_throttled \d+/g, `nr_throttled ${'9'.repeat(400)}`),
      second.replaceAll('nr_throttled', 'nr_throttled 1 2'),
      `<html>${'\u0000'.repeat(99)}`,
      '==> ',
    ]
    for (const text of spoilt) expect(await read(first, text)).toBeUndefined()
  })

  it('are read behind a file that was cut within a line', async () => {
    const stat = second.slice(second.lastIndexOf('==> '))
    const glued = `==> /host/sys/fs/cgroup/io.stat <==\n8:0 rbytes=1 wio${stat}`
    expect(await read(first, glued)).toMatchObject({ periods: 300 })
  })

  it('never make it throw or hang', async () => {
    let seed = 7
    const random = (most: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % most
    }
    for (let round = 0; round < 60; round++) {
      const bytes = Buffer.from(second)
      for (let change = 0; change < 20; change++) bytes[random(bytes.length)] = random(256)
      await read(first, bytes.toString('latin1'))
    }
  })
})
