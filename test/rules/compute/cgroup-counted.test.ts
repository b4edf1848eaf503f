import { describe, expect, it } from 'vitest'
import { containerOomkilled } from '../../../src/rules/compute/container-oomkilled.ts'
import { cpuLimitThrottling } from '../../../src/rules/compute/cpu-limit-throttling.ts'
import { nodeCpuSaturation } from '../../../src/rules/compute/node-cpu-saturation.ts'
import { nodeMemoryPressureEviction } from '../../../src/rules/compute/node-memory-pressure-eviction.ts'
import { pidExhaustion } from '../../../src/rules/compute/pid-exhaustion.ts'
import { rootVolumeIoThrottled } from '../../../src/rules/disk/root-volume-io-throttled.ts'
import type { Rule } from '../../../src/rules/rule.ts'
import { cgroupFiles, ID, type Layout, machineFiles, throttledCgroup, UID } from '../../incident/node-files.ts'
import { ago } from '../../incident/scene.ts'
import { event, node, pod, replicaSet, workload } from '../../incident/things.ts'
import { evaluate } from '../check.ts'

const LATE = 'Liveness probe failed: command timed out: "/probe" timed out after 1s'
const V2: Layout = { version: 2, driver: 'systemd' }
const V1: Layout = { version: 1, driver: 'cgroupfs' }

/** A pod whose container the files of cgroups know. */
function known(limits: Record<string, string>, ready = false) {
  return pod('shop/web-5d-1', {
    owner: 'ReplicaSet/web-5d',
    labels: { app: 'web' },
    metadata: { uid: UID },
    containers: [{ spec: { resources: { limits } }, status: { containerID: `containerd://${ID}` } }],
    ready,
  })
}

const web = [workload('Deployment', 'shop/web'), replicaSet('shop/web-5d', 'web', 1), node('node-1')]

describe('a CPU limit, by the files of cgroups', () => {
  const late = event('shop', 'Pod/web-5d-1', 'Unhealthy', LATE, { count: 9, container: 'app', last: 60 })
  const judge = (layout: Layout, held: readonly number[]) =>
    evaluate(cpuLimitThrottling, {
      objects: [...web, known({ cpu: '2' }), late],
      files: cgroupFiles('node-1', layout, [throttledCgroup(layout, [100, 400].slice(0, held.length), held)]),
    })

  it.each([V1, V2])(
    'is proved where the container stood still while its probes were late: v$version',
    async (layout) => {
      const { findings } = await judge(layout, [10, 190])
      expect(findings).toMatchObject([{ kind: 'cause', strength: 'proof', missing: [] }])
      expect(findings[0]?.says).toContain('held it up in 180 of 300 periods of its quota (60 %) within 30 s')
      expect(findings[0]?.cites[0]).toMatchObject({
        file: expect.stringContaining('/cgroups.txt'),
        words: 'nr_throttled 10',
      })
    },
  )

  it('is not it where the kernel lets the container run, nor by one reading', async () => {
    expect((await judge(V2, [0, 2])).rejections[0]?.says).toContain('its limit does not hold it up')
    expect((await judge(V2, [90])).findings).toEqual([])
  })
})

describe('a memory limit, by the files of cgroups', () => {
  const events = (max: number, kills: number) => `low 0\nhigh 0\nmax ${max}\noom ${max}\noom_kill ${kills}`
  const judge = (own: readonly string[], around: readonly string[] = own) =>
    evaluate(containerOomkilled, {
      objects: [...web, known({ memory: '64Mi' })],
      files: cgroupFiles('node-1', V2, [
        { podUid: UID, containerId: ID, files: { 'memory.events': own } },
        ...(around.length > 0 ? [{ podUid: UID, files: { 'memory.events': around } }] : []),
      ]),
    })

  it('is a cause where processes are killed in a container that goes on', async () => {
    const { findings } = await judge([events(9, 3), events(12, 5)])
    expect(findings).toMatchObject([{ kind: 'cause', strength: 'strong', subject: { name: 'web' } }])
    expect(findings[0]?.says).toContain('2 of them within 30 s')
  })

  it('is the same where the limit that was reached is that of the pod around it', async () => {
    const own = [events(0, 3), events(0, 5)]
    expect((await judge(own, [events(9, 3), events(12, 5)])).findings).toHaveLength(1)
    expect((await judge(own, [])).findings).toHaveLength(1)
  })

  it('is not it where neither ever reached one, or nobody was killed', async () => {
    const elsewhere = await judge([events(0, 3), events(0, 5)])
    expect([elsewhere.findings, elsewhere.rejections[0]?.says]).toEqual([
      [],
      expect.stringContaining('never reached its memory limit'),
    ])
    expect((await judge([events(9, 0), events(12, 0)])).findings).toEqual([])
  })

  it('is told by version 1 as well, which does not count in the pod what was killed in its container', async () => {
    const control = (kills: number) => `oom_kill_disable 0\nunder_oom 0\noom_kill ${kills}`
    const old = (reached: string) =>
      evaluate(containerOomkilled, {
        objects: [...web, known({ memory: '64Mi' })],
        files: cgroupFiles('node-1', V1, [
          {
            podUid: UID,
            containerId: ID,
            files: { 'memory.oom_control': [control(3), control(5)], 'memory.failcnt': ['0', '0'] },
          },
          { podUid: UID, files: { 'memory.oom_control': [control(0), control(0)], 'memory.failcnt': ['0', reached] } },
        ]),
      })
    expect((await old('595')).findings).toHaveLength(1)
    expect((await old('0')).rejections).toHaveLength(1)
  })
})

describe('a limit of processes, by the files of cgroups', () => {
  const NO_THREAD = 'runtime: failed to create new OS thread (have 100 already; errno=11)'
  const judge = (
    ready: boolean,
    refused: readonly number[],
    current: number,
    podHas = false,
    words: readonly string[] = [NO_THREAD],
  ) => {
    const files = {
      'pids.current': refused.map(() => String(current)),
      'pids.max': refused.map(() => '100'),
      'pids.events': refused.map((times) => `max ${times}`),
    }
    const own = podHas ? { podUid: UID, files } : { podUid: UID, containerId: ID, files }
    return evaluate(pidExhaustion, {
      objects: [...web, known({}, ready)],
      logs: { 'shop/web-5d-1/app': words.map((one) => `${ago(30)} ${one}\n`).join('') },
      files: cgroupFiles('node-1', V2, [own]),
    })
  }

  it.each([false, true])(
    'is proved where the kernel refuses processes and there is no room: around the pod %s',
    async (around) => {
      const { findings } = await judge(false, [3, 8], 100, around)
      expect(findings).toMatchObject([
        { kind: 'cause', strength: 'proof', subject: { kind: 'Deployment', name: 'web' } },
      ])
      expect(findings[0]?.says).toContain('refused 5 new processes (a thread is one) in web-5d-1 within 30 s')
      expect(findings[0]?.says).toContain('100 of the 100')
    },
  )

  it('is less sure where threads may pile up because its calls fail, until it says that it lacks them', async () => {
    const waits = 'level=error msg="dial tcp 203.0.113.7:5432: i/o timeout"'
    expect((await judge(false, [3, 8], 100, false, [waits])).findings).toMatchObject([{ strength: 'strong' }])
    expect((await judge(false, [3, 8], 100, false, [waits, NO_THREAD])).findings).toMatchObject([{ strength: 'proof' }])
    expect((await judge(false, [3, 8], 100, false, [])).findings).toMatchObject([{ strength: 'proof' }])
  })

  it('is less sure where there is room again, and a risk where nobody suffers', async () => {
    expect((await judge(false, [3, 8], 60)).findings).toMatchObject([{ kind: 'cause', strength: 'strong' }])
    expect((await judge(true, [3, 8], 100)).findings).toMatchObject([{ kind: 'risk' }])
  })

  it('is not told of what was refused before, nor by one reading', async () => {
    const says = async (refused: readonly number[]) =>
      (await judge(false, refused, 100)).findings.map((one) => one.says)
    expect(await says([8, 8])).toEqual([expect.stringContaining('cannot start processes')])
    expect(await says([8])).toEqual([expect.stringContaining('cannot start processes')])
  })
})

describe('the processors of a node, by its own files', () => {
  const late = ['web-1', 'db-1', 'mail-1'].flatMap((name) => [
    pod(`shop/${name}`, { ready: false }),
    event('shop', `Pod/${name}`, 'Unhealthy', LATE, { count: 5 }),
  ])
  /** Ticks of four processors in 30 s: user, nice, system, idle, iowait, irq, softirq, steal. */
  const spent = (user: number, idle: number, steal = 0) => [
    [5000, 0, 500, 90_000, 10, 0, 5, 0],
    [5000 + user, 0, 500, 90_000 + idle, 10, 0, 5, steal],
  ]
  const judge = (files: Record<string, string>, objects = late) =>
    evaluate(nodeCpuSaturation, { objects: [node('node-1'), node('node-2'), ...objects], files })

  it('are exhausted where none of their time is left and pods answer late', async () => {
    const files = machineFiles('node-1', { ticks: spent(11_800, 200), waiting: [70, 80], running: 19 })
    const { findings } = await judge(files)
    expect(findings).toMatchObject([{ kind: 'cause', strength: 'strong', missing: [], subject: { name: 'node-1' } }])
    expect(findings[0]?.says).toMatch(
      /uses 98 % of its processors; probes of 3 pods .* in 80 % of the last minute; 19 tasks wanted its 4 processors/,
    )
  })

  it('are a risk where they are busy and nothing suffers', async () => {
    expect((await judge(machineFiles('node-1', { ticks: spent(11_800, 200) }), [])).findings).toMatchObject([
      { kind: 'risk' },
    ])
  })

  it('are not where they idle, however many tasks of throttled containers wait', async () => {
    const outcome = await judge(machineFiles('node-1', { ticks: spent(400, 11_600), waiting: [90, 95] }))
    expect([outcome.findings, outcome.rejections[0]?.says]).toEqual([
      [],
      expect.stringContaining('uses 3 % of its processors'),
    ])
  })

  it('are taken by the host, and a node that loses as much and is well speaks against it', async () => {
    const stolen = machineFiles('node-1', { ticks: spent(3000, 5000, 4000) })
    const { findings } = await judge(stolen)
    expect(findings).toMatchObject([{ kind: 'cause', strength: 'strong', against: [] }])
    expect(findings[0]?.says).toContain('its host gave 33 % of the time of its processors to others')
    const alike = await judge({ ...stolen, ...machineFiles('node-2', { ticks: spent(3000, 5000, 4000) }) })
    expect(alike.findings[0]?.against).toMatchObject([
      { says: expect.stringContaining('On node node-2 nothing is late') },
    ])
  })

  it.each([
    ['one sample', machineFiles('node-1', { ticks: spent(11_800, 200).slice(0, 1) })],
    ['another boot', machineFiles('node-1', { ticks: spent(11_800, 200) }, { boots: [UID, UID.replace('1', '2')] })],
    ['a counter that fell', machineFiles('node-1', { ticks: spent(-4000, 200) })],
    ['fewer columns', machineFiles('node-1', { ticks: spent(11_800, 200).map((one) => one.slice(0, 4)) })],
  ])('are not known with %s', async (_, files) => {
    expect((await judge(files)).findings).toMatchObject([{ strength: 'weak' }])
    expect((await judge(files, [])).findings).toEqual([])
  })
})

describe('tasks that wait, by the pressure of the node', () => {
  const short = {
    type: 'MemoryPressure',
    status: 'True',
    reason: 'KubeletHasInsufficientMemory',
    message: 'kubelet has insufficient memory available',
    lastTransitionTime: ago(60),
  }
  const objects = [node('node-1', { status: { conditions: [short] } })]
  const says = async (rule: Rule, files: Record<string, string>) =>
    (await evaluate(rule, { objects, files })).findings[0]?.says
  const slow = `${ago(30).replace('Z', '.0+0000')} host kubelet: fs: disk usage and inodes count on following dirs took 3.1s: [/var/lib]\n`
  const log = { 'nodes/node-1/once/journal/kubelet.txt': slow }

  it.each<[Rule, 'memory' | 'io', string]>([
    [nodeMemoryPressureEviction, 'memory', 'tasks waited for memory in 42 %'],
    [rootVolumeIoThrottled, 'io', 'tasks waited for a disk in 42 %'],
  ])('are told beside $id, where they are many', async (rule, resource, words) => {
    const files = (waiting: number) => ({ ...log, ...machineFiles('node-1', { waiting: [waiting], resource }) })
    expect(await says(rule, files(42))).toContain(words)
    expect(await says(rule, files(2))).not.toContain('waited')
  })
})
