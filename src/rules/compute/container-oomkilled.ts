import { childKilledOf } from '../../incident/child-killed.ts'
import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import { type Crash, type CrashGroup, crashesOf, findCrashes } from '../../incident/crash.ts'
import type { Incident } from '../../incident/incident.ts'
import { isOneOff } from '../../incident/one-off.ts'
import { endedByProbe } from '../../incident/probe-kill.ts'
import { showBytes } from '../../incident/quantity.ts'
import { keyOf, uniqueRefs } from '../../incident/reference.ts'
import { countOrNo, earliest, latest } from '../../incident/telling.ts'
import { groupByWorkload } from '../group.ts'
import { clockTime, isRecent } from '../recency.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { templateChange } from '../template-change.ts'
import { type Ended, endsOf, memoryLimitOf } from './ended.ts'
import { kernelKillAt, kernelKillsIn } from './kernel-kill.ts'
import { findKilledInside } from './killed-inside.ts'
import { isWellSince } from './well-since.ts'

/** A container that the kernel killed because it reached its own memory limit. */
export const containerOomkilled: Rule<'container-oomkilled'> = {
  id: 'container-oomkilled',
  title: 'A container reaches its memory limit and is killed',
  domain: 'compute',
  seeds: ['KIA 11.7.1'],
  needs: ['pods'],
  helps: ['kernel-log', 'previous-logs', 'cadvisor', 'cgroups', 'pods.metrics.k8s.io'],
  explains: ['crashing', 'not-ready', 'no-endpoints', 'rollout-stalled', 'job-failing', 'errors'],
  explain: {
    mechanism:
      'The memory of a container, page cache that it cannot give back included, reached `limits.memory`. The kernel kills a process of its cgroup, with cgroup v2 all of them, and the kubelet starts the container again, ever later. Requests under way are lost, and the rest of the replicas carry the load.',
    proof: [
      'state or lastState terminated with reason OOMKilled, and the container, or its pod, has a memory limit.',
      'A shell in the container says `Killed` of its child and ends with 137: its end is told with the reason Error.',
      'container_oom_events_total of cAdvisor, or `oom_kill` in memory.events (memory.oom_control in cgroup v1), grows while the container lives on: a process in it was killed, not its first.',
      'The kernel log says `Memory cgroup out of memory: Killed process`, and names the cgroup of the pod.',
    ],
    lookAlikes: [
      'node-system-oom: the container has no limit, or the node reports SystemOOM: the node was full, not the container.',
      'liveness-kills-healthy-app: exit code 137 with reason Error is the SIGKILL after a grace period.',
      'memory-leak: the same death again and again after runs of the same length.',
      'node-memory-pressure-eviction: the pod ends with reason Evicted, not the container with OOMKilled.',
    ],
    mitigate: [
      {
        says: 'Raise the limit, with the request, to more than the peak.',
        command: 'kubectl set resources deployment/{name} -n {namespace} --limits=memory=<new> --requests=memory=<new>',
        changes: true,
      },
      {
        says: 'If it began with a rollout, go back.',
        command: 'kubectl rollout undo deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Tell the runtime of the program its limit (GOMEMLIMIT, -XX:MaxRAMPercentage, --max-old-space-size), bound caches, queues and uploads.',
      'Alert on working set over limit before it is reached.',
    ],
    links: ['https://kubernetes.io/docs/tasks/configure-pod-container/assign-memory-resource/'],
  },
  *evaluate(incident) {
    const kills = [...endsOf(incident)].filter((one) => isKilled(incident, one))
    yield* findKills(
      incident,
      kills.filter(({ pod, container }) => memoryLimitOf(pod, container) !== undefined),
    )
    for (const { pod, container } of kills.filter((one) => memoryLimitOf(one.pod, one.container) === undefined))
      yield reject(pod.workload, `${container.name} was OOMKilled and has no memory limit: its node was full.`)
    yield* findStillborn(incident)
    yield* findKilledChildren(incident)
    yield* findKilledInside(incident)
    yield* rejectOtherKills(incident)
  },
}

/** The runtime misses a kill now and then, and tells an error with the code of one: the kernel does not (containerd, task OOM events). */
function isKilled(incident: Incident, { pod, container, end }: Ended): boolean {
  return end.reason === 'OOMKilled' || kernelKillAt(incident, pod, container, end) !== undefined
}

function* findKills(incident: Incident, kills: readonly Ended[]): Generator<Finding> {
  const groups = Map.groupBy(kills, ({ pod, container }) => `${keyOf(pod.workload)} ${container.name}`)
  for (const [, members] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const ill = members.filter((kill) => !isWellSince(incident, kill))
    if (ill.length > 0) yield describeNow(incident, ill as [Ended, ...Ended[]])
    else yield describePast(incident, members as [Ended, ...Ended[]])
  }
}

/** A pod that ran once and is over is missed by nobody but who made it. */
function describeNow(incident: Incident, kills: readonly [Ended, ...Ended[]]): Finding {
  const isOver = kills.every(({ pod }) => isOneOff(incident, pod))
  return { ...describe(incident, kills), kind: isOver ? 'risk' : 'cause' }
}

/** What was killed once and has done its work since: it may happen again. */
function describePast(incident: Incident, kills: readonly [Ended, ...Ended[]]): Finding {
  const { says, ...finding } = describe(incident, kills)
  return { ...finding, kind: 'risk', strength: 'weak', says: `${says.slice(0, -1)}; it has been well since.` }
}

function describe(incident: Incident, kills: readonly [Ended, ...Ended[]]): Finding {
  const [{ pod, container }] = kills
  const change = describeChange(incident, kills)
  const ends = kills.map(({ end }) => end.finished)
  return {
    kind: 'cause',
    subject: pod.workload,
    strength: 'proof',
    from: earliest([...ends, ...kills.map((kill) => loopSince(incident, kill))]),
    to: latest(ends),
    says: `The kernel killed ${container.name} in ${countOrNo(kills.length, 'pod')} of ${pod.workload.name} at its memory limit of ${showBytes(memoryLimitOf(pod, container) ?? 0)}, last at ${clockTime(latest(ends))} (${countOrNo(restartsOf(kills), 'restart')})${change.says}.`,
    cites: [
      ...citeEnd(incident, kills[0]),
      cite(pod, [...container.specPath, 'resources']),
      ...change.cites,
      ...kills.slice(1, 2).flatMap((kill) => citeEnd(incident, kill)),
    ],
    affects: uniqueRefs(kills.map((kill) => kill.pod.ref)),
  }
}

/** The reason in the status, with the kernel's line where that says more. */
function citeEnd(incident: Incident, { pod, container, end, path }: Ended): [Citation, ...Citation[]] {
  const said = kernelKillAt(incident, pod, container, end)
  return [cite(pod, [...path, 'reason']), ...(said ? [said.citation] : [])]
}

/** Since when it is killed again and again: its status keeps the last end alone. */
function loopSince(incident: Incident, { pod, container }: Ended): number | undefined {
  return crashesOf(incident, pod).find((crash) => crash.container === container)?.since
}

function restartsOf(kills: readonly Ended[]): number {
  return Math.max(...kills.map(({ container }) => container.restarts))
}

/** What the rollout changed that the killed pods are of: the limit before all, then the image. */
function describeChange(incident: Incident, kills: readonly [Ended, ...Ended[]]): { says: string; cites: Citation[] } {
  const [{ pod, container }] = kills
  const limit = templateChange(incident, pod.workload, container.name, 'resources', 'limits', 'memory')
  if (limit)
    return {
      says: `; the rollout at ${clockTime(limit.at)} changed the limit from ${limit.before || 'none'} to ${limit.after}`,
      cites: [...limit.cites],
    }
  const image = templateChange(incident, pod.workload, container.name, 'image')
  if (image && isRecent(incident, image.at))
    return {
      says: `; the rollout at ${clockTime(image.at)} changed the image to ${image.after}`,
      cites: [image.cites[1]],
    }
  return { says: '', cites: [] }
}

/** A limit so small that not even the runtime's own process lives: the container never starts. */
function* findStillborn(incident: Incident): Generator<Finding> {
  for (const { workload, pods, said } of groupByWorkload(incident, 'container-memory-too-small')) {
    const stuck = pods.filter((pod) => !pod.ready && pod.deleted === undefined)
    const [first] = said
    if (stuck.length === 0 || !first) continue
    yield {
      kind: 'cause',
      subject: workload,
      strength: 'proof',
      from: earliest(said.map((one) => one.first)) ?? stuck[0]?.created,
      says: `The memory limit of ${workload.name} is so small that the container is killed before its program begins (${countOrNo(stuck.length, 'pod')}).`,
      cites: [first.citation],
      affects: stuck.map(({ ref }) => ref),
    }
  }
}

/** A program below a shell: the kubelet sees the shell end, with the code of what was killed. */
function* findKilledChildren(incident: Incident): Generator<Finding> {
  for (const { workload, crashes } of findKilled(incident)) {
    const [first] = crashes as readonly [Crash, ...Crash[]]
    const pods = [...new Set(crashes.map(({ pod }) => pod))]
    const words = childKilledOf(incident, first)
    const [kernel] = kernelKillsIn(incident, first.pod, first.container)
    yield {
      kind: 'cause',
      subject: workload,
      strength: kernel ? 'proof' : 'strong',
      from: earliest(crashes.map(({ since }) => since)),
      says: `A process in ${first.container.name} of ${countOrNo(pods.length, 'pod')} of ${workload.name} is killed, and the shell that started it is not: the container may have ${showBytes(limitOfKilled(incident, first) ?? 0)}, and the kernel kills the largest.`,
      cites: atLeastOne([
        ...(words ? [words.citation] : []),
        ...(kernel ? [kernel.citation] : []),
        first.citation,
        cite(first.pod, [...first.container.specPath, 'resources']),
      ]),
      missing: kernel ? [] : ['kernel-log: whether it was the memory cgroup of the container'],
      affects: uniqueRefs(pods.map(({ ref }) => ref)),
    }
  }
}

function findKilled(incident: Incident): readonly CrashGroup[] {
  return findCrashes(incident).flatMap(({ workload, crashes }) => {
    const killed = crashes.filter((crash) => limitOfKilled(incident, crash) !== undefined)
    return killed.length === 0 ? [] : [{ workload, crashes: killed }]
  })
}

function limitOfKilled(incident: Incident, crash: Crash): number | undefined {
  if (!childKilledOf(incident, crash) || endedByProbe(incident, crash)) return undefined
  return memoryLimitOf(crash.pod, crash.container)
}

/** 137 is SIGKILL, whoever sent it; of a pod that is deleted nobody asks. */
function* rejectOtherKills(incident: Incident): Generator<Rejection> {
  const explained = new Set(findKilled(incident).map(({ workload }) => keyOf(workload)))
  const others = [...endsOf(incident)].filter((one) => {
    const { pod, end } = one
    if (explained.has(keyOf(pod.workload)) || isKilled(incident, one)) return false
    return end.exitCode === 137 && end.reason !== 'OOMKilled' && pod.deleted === undefined && pod.reason === ''
  })
  for (const [, [first]] of Map.groupBy(others, ({ pod, container }) => `${keyOf(pod.workload)} ${container.name}`))
    if (first)
      yield reject(
        first.pod.workload,
        `${first.container.name} ended with exit code 137 and reason ${first.end.reason || 'none'}, not OOMKilled: somebody killed it, not its memory limit.`,
      )
}
