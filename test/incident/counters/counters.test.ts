import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ownerOfCgroup } from '../../../src/incident/counters/cgroup-path.ts'
import { citeReading } from '../../../src/incident/counters/reading.ts'
import { citeFigure } from '../../../src/incident/counters/summary.ts'
import { throttlingEver, throttlingNow } from '../../../src/incident/counters/throttling.ts'
import { checkCitations } from '../../../src/rca/check-citations.ts'
import { cadvisor, kubeletMetrics, throttled } from '../kubelet-answers.ts'
import { bundleOf, incidentOf, type Scene } from '../scene.ts'
import { node, pod } from '../things.ts'

const RECORDED = 'fixtures/kubelet-counters'

function recorded(): Scene {
  const paths = readdirSync(RECORDED, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.(txt|json)$/.test(path),
  )
  return {
    objects: [node('trial-1')],
    files: Object.fromEntries(paths.map((path) => [path, readFileSync(`${RECORDED}/${path}`, 'utf8')])),
  }
}

const WEB = { kind: 'Pod', namespace: 'shop', name: 'web-1' }

async function countersOf(files: Record<string, string>) {
  return (await incidentOf({ objects: [node('node-1'), pod('shop/web-1')], files })).counters
}

describe('counters of a recorded kubelet', () => {
  const ref = { kind: 'Pod', namespace: 'broken', name: 'cpu-throttled' }

  it('gives the rates that one computes by hand', async () => {
    const { counters } = await incidentOf(recorded())
    const around = counters.cgroupOf(ref)
    expect(around?.growth('container_cpu_cfs_periods_total')).toMatchObject({ delta: 150, seconds: 15.048 })
    expect(around?.growth('container_cpu_cfs_throttled_periods_total')?.delta).toBe(150)
    expect(around?.growth('container_cpu_cfs_throttled_seconds_total')?.delta).toBeCloseTo(11.610964659, 6)
    expect(throttlingNow(counters, ref, 'app')).toMatchObject({ share: 1, quota: 0.05, isWholePod: true })
  })

  it('tells of the container what it was ever, because cAdvisor did not look at it in between', async () => {
    const { counters } = await incidentOf(recorded())
    expect(counters.cgroupOf(ref, 'app')?.growth('container_cpu_cfs_periods_total')).toBeUndefined()
    expect(throttlingEver(counters, ref, 'app')).toMatchObject({ periods: 828, throttled: 822, seconds: undefined })
  })

  it('reads the kubelet and its summary, and every figure stands where it is cited', async () => {
    const scene = recorded()
    const { counters } = await incidentOf(scene)
    const trial = counters.of('trial-1')
    const errors = trial?.kubelet.series('kubelet_runtime_operations_errors_total') ?? []
    expect(errors.map(({ labels, last, growth }) => [labels.operation_type, last.value, growth?.delta])).toEqual([
      ['container_status', 19, 2],
      ['remove_container', 7, 1],
    ])
    expect(trial?.usage?.mostProcesses?.value).toBe(32768)
    expect(counters.usageOfContainer(ref, 'app')?.workingSet?.value).toBe(241664)
    const throttledPod = trial?.usage?.pods.find(({ name }) => name === ref.name)
    const figures = [trial?.usage?.processes, trial?.usage?.disk.available, throttledPod?.ephemeral.used]
    const cites = [
      ...figures.map((one) => one && citeFigure(one)),
      ...errors.map(({ last }) => citeReading(last)),
      ...(throttlingNow(counters, ref, 'app')?.cites ?? []),
    ].filter((one) => one !== undefined)
    expect(cites.length).toBe(9)
    expect(await checkCitations(bundleOf(scene), cites)).toEqual([])
  })
})

describe('a rate', () => {
  it('is over the times of the series, or else over those of the samples', async () => {
    const own = await countersOf(cadvisor('node-1', throttled('web-1', [100, 400], [0, 300], { seconds: 20 })))
    expect(own.cgroupOf(WEB, 'app')?.growth('container_cpu_cfs_periods_total')?.perSecond).toBe(15)
    const ours = await countersOf(cadvisor('node-1', throttled('web-1', [100, 400], [0, 300], { seconds: 'no times' })))
    expect(ours.cgroupOf(WEB, 'app')?.growth('container_cpu_cfs_periods_total')?.perSecond).toBe(10)
  })

  it.each([
    ['the same reading twice', { seconds: 0 }, [100, 400]],
    ['a value that fell', {}, [400, 100]],
    ['another container', { id: ['/kubepods/a', '/kubepods/b'] }, [100, 400]],
    ['another start', { started: [1.76e9, 1.77e9] }, [100, 400]],
    ['one sample', {}, [400]],
  ])('is none with %s', async (_, more, periods) => {
    const counters = await countersOf(cadvisor('node-1', throttled('web-1', periods, periods, more)))
    expect(counters.cgroupOf(WEB, 'app')?.last('container_cpu_cfs_periods_total')?.value).toBe(periods.at(-1))
    expect(counters.cgroupOf(WEB, 'app')?.growth('container_cpu_cfs_periods_total')).toBeUndefined()
    expect(throttlingNow(counters, WEB, 'app')).toBeUndefined()
    expect(throttlingEver(counters, WEB, 'app')?.share).toBe(1)
  })

  it('is none after a reboot or a new start of the kubelet', async () => {
    const errors = (count: number) => `kubelet_runtime_operations_errors_total{operation_type="create"} ${count}`
    const growth = async (files: Record<string, string>) =>
      (await countersOf(files)).of('node-1')?.kubelet.series('kubelet_runtime_operations_errors_total')[0]?.growth
        ?.delta
    expect(await growth(kubeletMetrics('node-1', [errors(3)], [errors(9)]))).toBe(6)
    const anew = kubeletMetrics('node-1', [errors(3)], [errors(9)])
    const second = 'nodes/node-1/1/kubelet-metrics/metrics.txt'
    expect(await growth({ ...anew, [second]: anew[second]?.replace('1.7699e+09', '1.77e+09') ?? '' })).toBeUndefined()
    const boot = (sample: number, at: string) => ({
      [`nodes/node-1/${sample}/kubelet-summary/summary.json`]: JSON.stringify({ node: { startTime: at } }),
    })
    const rebooted = { ...boot(0, '2026-01-01T00:00:00Z'), ...boot(1, '2026-02-01T11:59:40Z') }
    expect(await growth({ ...anew, ...rebooted })).toBeUndefined()
  })

  it('is of the latest life of a container that was replaced', async () => {
    const [old, young] = [
      throttled('web-1', [900, 900], [900, 900], { id: '/kubepods/old', started: 1.7e9 }),
      throttled('web-1', [10, 310], [0, 0], { id: '/kubepods/young', started: 1.76e9 }),
    ]
    expect(throttlingNow(await countersOf(cadvisor('node-1', young, old)), WEB, 'app')?.share).toBe(0)
  })

  it('is not of an earlier life where nothing was counted in the latest', async () => {
    const [old, young] = [
      throttled('web-1', [900, 900], [900, 900], { id: '/kubepods/old', started: 1.7e9 }),
      throttled('web-1', [0, 0], [0, 0], { id: '/kubepods/young', started: 1.76e9 }),
    ]
    const counters = await countersOf(cadvisor('node-1', old, young))
    expect(throttlingEver(counters, WEB, 'app')).toBeUndefined()
  })
})

describe('the owner of a cgroup', () => {
  const uid = '11716aa1-3ce5-4c60-b661-1ac20ca8c5a0'
  const id = 'fabecfe2b4597400e575e39d8d8d1cf76256202680742a2edfc898cd512613eb'

  it.each([
    [`/kubepods/burstable/pod${uid}/${id}`, uid, id],
    [`/ft-node1/kubepods/pod${uid}`, uid, undefined],
    [
      `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-${id}.scope`,
      uid,
      id,
    ],
    [`/kubepods.slice/kubepods-pod${uid.replaceAll('-', '_')}.slice/crio-${id}.scope`, uid, id],
    ['/system.slice/kubelet.service', undefined, undefined],
    [`/kubepods/pod${uid}0/${id}`, undefined, undefined],
    [`/kubepods/burstable/pod${uid}/${id}0`, uid, undefined],
  ])('is read of whole ids: %s', (path, podUid, containerId) => {
    expect(ownerOfCgroup(path)).toEqual({ podUid, containerId })
  })

  it('tells whose series without labels are', async () => {
    const made = pod('shop/web-1', {
      metadata: { uid },
      containers: [{ status: { containerID: `containerd://${id}`, restartCount: 1 } }],
    })
    const line = (name: string, sample: number) =>
      `container_cpu_cfs_${name}{id="/kubepods/burstable/pod${uid}/${id}"} ${300 * sample} ${1_770_000_000_000 + sample * 30_000}\n`
    const files = Object.fromEntries(
      [0, 1].map((sample) => [
        `nodes/node-1/${sample}/kubelet-cadvisor/metrics.txt`,
        line('periods_total', sample) + line('throttled_periods_total', sample),
      ]),
    )
    const { counters } = await incidentOf({ objects: [node('node-1'), made], files })
    expect(throttlingNow(counters, WEB, 'app')).toMatchObject({ periods: 300, throttled: 300, isWholePod: false })
  })

  it('is not the pod where a cgroup lies within a container', async () => {
    const made = pod('shop/web-1', { metadata: { uid } })
    const line = (path: string, value: number) =>
      `container_cpu_cfs_periods_total{id="/kubepods/burstable/pod${uid}${path}"} ${value} 1770000000000\n`
    const counted = async (path: string) => {
      const files = { 'nodes/node-1/0/kubelet-cadvisor/metrics.txt': line(path, 300) }
      return (await incidentOf({ objects: [node('node-1'), made], files })).counters
        .cgroupOf(WEB)
        ?.last('container_cpu_cfs_periods_total')
    }
    expect((await counted(''))?.value).toBe(300)
    expect(await counted(`/${id}/init.scope`)).toBeUndefined()
  })
})

describe("a stranger's files", () => {
  it('are read without a word where they are none', async () => {
    const counters = await countersOf({
      'nodes/node-1/0/kubelet-summary/summary.json': '[1,',
      'nodes/node-1/1/kubelet-summary/summary.json': '{"node":7,"pods":{"0":1}}',
      'nodes/node-1/0/kubelet-cadvisor/metrics.txt': '<html>\n\u0000{{{',
      'nodes/node-1/1/kubelet-metrics/metrics.txt': 'kubelet_runtime_operations_errors_total{',
      'nodes/../../etc/passwd': 'x',
    })
    expect(counters.nodes.map((one) => [one.node, one.cgroups.length])).toEqual([['node-1', 0]])
  })
})
