import { describe, expect, it } from 'vitest'
import { containerOomkilled } from '../../../src/rules/compute/container-oomkilled.ts'
import { nodeCpuSaturation } from '../../../src/rules/compute/node-cpu-saturation.ts'
import { nodeMemoryPressureEviction } from '../../../src/rules/compute/node-memory-pressure-eviction.ts'
import { pidExhaustion } from '../../../src/rules/compute/pid-exhaustion.ts'
import { cadvisor, podUsage, summary } from '../../incident/kubelet-answers.ts'
import { ago } from '../../incident/scene.ts'
import { event, node, pod } from '../../incident/things.ts'
import { evaluate } from '../check.ts'

describe('processes that the kernel killed in a container', () => {
  const limited = (ready: boolean) =>
    pod('shop/web-1', { ready, containers: [{ spec: { resources: { limits: { memory: '64Mi' } } } }] })
  const killed = (...kills: number[]) =>
    cadvisor('node-1', { pod: 'web-1', container: 'app', series: { oom_events_total: kills } })
  const judge = async (ready: boolean, ...kills: number[]) =>
    (await evaluate(containerOomkilled, { objects: [node('node-1'), limited(ready)], files: killed(...kills) }))
      .findings

  it('are a cause where it goes on and the pod is not well', async () => {
    expect(await judge(false, 3, 5)).toMatchObject([
      { kind: 'cause', strength: 'strong', says: expect.stringContaining('2 of them within 30 s') },
    ])
  })

  it('are a risk where it happened once, or nobody knows when', async () => {
    expect(await judge(true, 3, 3)).toMatchObject([{ kind: 'risk', says: expect.stringContaining('since it started') }])
    expect(await judge(true, 3)).toMatchObject([{ kind: 'risk', strength: 'weak' }])
  })

  it('are counted in words', async () => {
    expect((await judge(true, 3))[0]?.says).toContain('killed 3 processes in app')
    expect((await judge(true, 1))[0]?.says).toContain('killed 1 process in app')
  })

  it("are none where nothing was counted, and the node's where it ran out of memory", async () => {
    expect(await judge(false, 0, 0)).toEqual([])
    const full = event('', 'Node/node-1', 'SystemOOM', 'System OOM encountered, victim process: python, pid: 4242')
    const scene = { objects: [node('node-1'), full, limited(false)], files: killed(3, 5) }
    const outcome = await evaluate(containerOomkilled, scene)
    expect([outcome.findings.length, outcome.rejections.length]).toEqual([0, 1])
  })
})

describe('a node that its kubelet measured', () => {
  const late = ['web-1', 'db-1', 'mail-1'].flatMap((name) => [
    pod(`shop/${name}`, { ready: false }),
    event(
      'shop',
      `Pod/${name}`,
      'Unhealthy',
      'Readiness probe failed: command timed out: "/probe" timed out after 1s',
      { count: 5 },
    ),
  ])
  const cpu = (cores: number, avg60: number) => ({ cpu: { usageNanoCores: cores * 1e9, psi: { some: { avg60 } } } })
  const judge = async (figures: Record<string, unknown>) =>
    evaluate(nodeCpuSaturation, {
      objects: [node('node-1'), ...late],
      files: summary('node-1', figures, [podUsage('shop/web-1', { containers: [{ name: 'app', ...cpu(3, 0) }] })]),
    })

  it('is saturated by what it uses, and by who waits', async () => {
    const busy = await judge(cpu(3.9, 80))
    expect(busy.findings).toMatchObject([{ kind: 'cause', strength: 'strong', missing: [] }])
    expect(busy.findings[0]?.says).toMatch(/98 % .* 3 of it by shop\/web-1.*waited for a processor in 80 %/)
  })

  it('is not where it has room, and pressure of zero is no sign of health', async () => {
    expect((await judge(cpu(0.4, 0))).rejections).toHaveLength(1)
    expect((await judge({ cpu: { psi: { some: { avg60: 0 } } } })).findings).toMatchObject([
      { strength: 'weak', missing: ['Pressure and run queue of the node.'] },
    ])
  })

  it('nears its limit of processes, or does not', async () => {
    const scarce = (curproc: number) =>
      evaluate(pidExhaustion, {
        objects: [node('node-1')],
        files: summary('node-1', { rlimit: { maxpid: 32768, curproc } }),
      })
    expect((await scarce(31000)).findings).toMatchObject([{ kind: 'risk', subject: { name: 'node-1' } }])
    expect((await scarce(450)).status).toBe('clear')
  })

  it('tells who waits for memory', async () => {
    const message =
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 52Mi. Container app was using 2Gi, request is 0, has larger consumption of memory. '
    const gone = pod('shop/hog-1', {
      ready: false,
      status: {
        phase: 'Failed',
        reason: 'Evicted',
        message,
        conditions: [{ type: 'DisruptionTarget', status: 'True', lastTransitionTime: ago(300) }],
      },
    })
    const says = async (avg60: number) => {
      const files = summary('node-1', { memory: { psi: { some: { avg60 } } } })
      return (await evaluate(nodeMemoryPressureEviction, { objects: [node('node-1'), gone], files })).findings[0]?.says
    }
    expect(await says(42)).toContain('its tasks waited for memory in 42 % of the last minute')
    expect(await says(0)).not.toContain('waited')
  })
})
