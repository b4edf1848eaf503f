import { describe, expect, it } from 'vitest'
import { containerOomkilled } from '../../../src/rules/compute/container-oomkilled.ts'
import { nodeSystemOom } from '../../../src/rules/compute/node-system-oom.ts'
import { pidExhaustion } from '../../../src/rules/compute/pid-exhaustion.ts'
import { blockDeviceError } from '../../../src/rules/disk/block-device-error.ts'
import { arpNeighborTableOverflow } from '../../../src/rules/network/arp-neighbor-table-overflow.ts'
import { conntrackTableFull } from '../../../src/rules/network/conntrack-table-full.ts'
import { containerRuntimeDown } from '../../../src/rules/node/container-runtime-down.ts'
import { kernelFault } from '../../../src/rules/node/kernel-fault.ts'
import { plegUnhealthy } from '../../../src/rules/node/pleg-unhealthy.ts'
import type { Rule } from '../../../src/rules/rule.ts'
import { ID, UID } from '../../incident/node-files.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const CGROUP = `/kubepods/burstable/pod${UID}`

/** What journalctl gives of a node, by who wrote it. */
function journal(writer: 'kernel' | 'kubelet', ...lines: (readonly [seconds: number, words: string])[]) {
  const text = lines.map(
    ([seconds, words]) => `${ago(seconds).replace('Z', '.000000+0000')} host ${writer}: ${words}\n`,
  )
  return { [`nodes/node-1/once/journal/${writer}.txt`]: text.join('') }
}

function killed(seconds: number, limited = CGROUP, id = ID) {
  const chosen = `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=${id},mems_allowed=0,oom_memcg=${limited},task_memcg=${CGROUP}/${id},task=java,pid=77,uid=0`
  return [
    [seconds, chosen],
    [seconds, 'Memory cgroup out of memory: Killed process 77 (java) total-vm:1kB'],
  ] as const
}

describe('a container in whose cgroup the kernel killed', () => {
  const limits = { resources: { limits: { memory: '64Mi' } } }
  const web = (status: object, ready = false) =>
    pod('shop/web-1', {
      ready,
      metadata: { uid: UID },
      containers: [{ spec: limits as never, status: status as never }],
    })
  const judge = (status: object, files: Record<string, string>, ready = false) =>
    evaluate(containerOomkilled, { objects: [node('node-1'), web(status, ready)], files })
  const running = { containerID: `containerd://${ID}` }
  const ended = () => {
    const status = crashed({ reason: 'Error', exitCode: 137 }) as { lastState: { terminated: object } }
    return {
      ...status,
      lastState: { terminated: { ...status.lastState.terminated, containerID: `containerd://${ID}` } },
    }
  }

  it('reached its limit though its status calls the end an error', async () => {
    const { findings, rejections } = await judge(ended(), journal('kernel', ...killed(60)))
    expect(findings).toMatchObject([{ kind: 'cause', strength: 'proof', subject: { name: 'web-1' } }])
    expect(findings[0]?.cites.map(({ words }) => words)).toContainEqual(expect.stringMatching(/^oom-kill:constraint=/))
    expect(rejections).toEqual([])
  })

  it('is not known to have, where the kernel killed at another time, another container or for all pods', async () => {
    for (const words of [killed(900), killed(60, CGROUP, 'b'.repeat(64)), killed(60, '/kubepods')]) {
      const outcome = await judge(ended(), journal('kernel', ...words))
      expect([outcome.findings, outcome.rejections.length]).toEqual([[], 1])
    }
  })

  it('is killed within while it goes on, which no status says', async () => {
    const sick = await judge(running, journal('kernel', ...killed(300), ...killed(60)))
    expect(sick.findings).toMatchObject([{ kind: 'cause', strength: 'proof', missing: [], from: Date.parse(ago(300)) }])
    expect(sick.findings[0]?.says).toContain('killed 2 processes in app of web-1')
    const logs = { 'shop/web-1/app': `${ago(90)} level=error msg="dial tcp 203.0.113.7:5432: i/o timeout"\n` }
    const objects = [node('node-1'), web(running)]
    const waiting = await evaluate(containerOomkilled, { objects, logs, files: journal('kernel', ...killed(60)) })
    expect(waiting.findings).toMatchObject([{ kind: 'cause', strength: 'strong' }])
    const over = await judge(running, journal('kernel', ...killed(2000)), true)
    expect(over.findings).toMatchObject([{ kind: 'risk', strength: 'weak' }])
  })

  it('is well where that was in a life before this one, or long ago', async () => {
    expect((await judge(running, journal('kernel', ...killed(3599 + 60)))).findings).toEqual([])
    expect((await judge(running, journal('kernel', ...killed(90_000)))).findings).toEqual([])
  })
})

describe('a node by the words of its kernel and its kubelet', () => {
  const sick = pod('shop/web-1', { ready: false, containers: [{ status: crashed() }] })
  const judge = async (rule: Rule, files: Record<string, string>) => {
    const outcome = await evaluate(rule, { objects: [node('node-1'), sick], files })
    return { subjects: subjectsOf(outcome), findings: outcome.findings }
  }
  const PLEG =
    '"Skipping pod synchronization" err="PLEG is not healthy: pleg was last seen active 3m5s ago; threshold is 3m0s"'

  it.each<[Rule, string]>([
    [conntrackTableFull, 'nf_conntrack: nf_conntrack: table full, dropping packet'],
    [arpNeighborTableOverflow, 'neighbour: arp_cache: neighbor table overflow!'],
    [kernelFault, 'INFO: task dd:123 blocked for more than 120 seconds.'],
    [blockDeviceError, 'I/O error, dev nvme1n1, sector 12345 op 0x0:(READ) flags 0x80700'],
    [nodeSystemOom, 'Out of memory: Killed process 4242 (java) total-vm:1kB'],
  ])('is found by $id while its kernel says so, and not of a week ago', async (rule, words) => {
    expect((await judge(rule, journal('kernel', [300, words], [40, words]))).subjects).toEqual(['Node node-1'])
    expect((await judge(rule, journal('kernel', [600_000, words]))).findings).toEqual([])
  })

  it('is found by what its kubelet says until now, and not by what it said before', async () => {
    const { findings } = await judge(plegUnhealthy, journal('kubelet', [200, PLEG], [10, PLEG]))
    expect(findings).toMatchObject([{ kind: 'cause', strength: 'strong' }])
    expect((await judge(plegUnhealthy, journal('kubelet', [900, PLEG], [700, PLEG]))).findings).toEqual([])
  })

  it('is not taken for one without a runtime where only one workload suffers and it is ready', async () => {
    const down = 'dial unix /run/containerd/containerd.sock: connect: connection refused'
    expect((await judge(containerRuntimeDown, journal('kubelet', [10, down]))).findings).toEqual([])
  })

  it('names the pod that may have no more processes', async () => {
    const made = pod('shop/web-1', { metadata: { uid: UID }, ready: false })
    const files = journal('kernel', [60, `cgroup: fork rejected by pids controller in ${CGROUP}/${ID}`])
    const outcome = await evaluate(pidExhaustion, { objects: [node('node-1'), made], files })
    expect(outcome.findings).toMatchObject([{ kind: 'cause', strength: 'strong', subject: { name: 'web-1' } }])
  })
})
