import { type Citation, cite } from '../../incident/citation.ts'
import type { Container, Terminated } from '../../incident/container.ts'
import { citeFigure } from '../../incident/counters/summary.ts'
import { type Crash, findCrashes } from '../../incident/crash.ts'
import { exhaustionOf } from '../../incident/exhausted-heap.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { showBytes } from '../../incident/quantity.ts'
import { keyOf, uniqueRefs } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { countOrNo, earliest, latest, shorten } from '../../incident/telling.ts'
import { clockTime, isRecent } from '../recency.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { sayersOf } from '../sayers.ts'
import { templateChange } from '../template-change.ts'
import { type Ended, endsOf, memoryLimitOf } from './ended.ts'
import { heapBoundOf } from './heap-bound.ts'
import { isWellSince } from './well-since.ts'

/** A program whose memory grows until it dies, after runs of much the same length. */
export const memoryLeak: Rule<'memory-leak'> = {
  id: 'memory-leak',
  title: 'The memory of a program grows until it dies, again and again',
  domain: 'compute',
  needs: ['pods'],
  helps: ['cadvisor', 'kubelet-stats', 'pods.metrics.k8s.io', 'previous-logs'],
  explains: ['crashing', 'not-ready', 'no-endpoints', 'rollout-stalled', 'job-failing', 'slow', 'errors'],
  explain: {
    mechanism:
      'The program keeps what it no longer needs, or its heap is smaller than what it needs at once. Its memory rises at the same pace after every start, so it dies at intervals: killed at its limit, or by its own runtime with an out-of-memory error.',
    proof: [
      'OOMKilled at regular intervals, each run at least half an hour long, without a rollout in between.',
      'The log ends with the own words of a runtime: java.lang.OutOfMemoryError, JavaScript heap out of memory, MemoryError.',
      'With metrics: a working set that rises steadily and falls to its floor at every restart.',
    ],
    lookAlikes: [
      'container-oomkilled: killed within minutes of every start, or since a rollout: the limit is too small.',
      'crashloop-app-error: the last words are an error of the program, not of its runtime.',
      'pid-exhaustion: `OutOfMemoryError: unable to create native thread` is a limit of threads, not of memory.',
      'A cache that fills up once and then stays is no leak.',
    ],
    mitigate: [
      {
        says: 'Take a heap dump of a running instance, then restart it before it dies.',
        command: 'kubectl rollout restart deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Give the heap what its container may have (-XX:MaxRAMPercentage, --max-old-space-size), and the container some more than the heap.',
      'Compare two heap dumps of one run; bound caches, pools and listeners.',
      'Alert on the slope of the working set.',
    ],
    links: ['https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/'],
  },
  *evaluate(incident) {
    yield* findExhaustedHeaps(incident)
    for (const ends of groupKills(incident)) {
      const [{ pod, container }] = ends
      const image = templateChange(incident, pod.workload, container.name, 'image')
      if (!isSawTooth(incident, ends[0]))
        yield reject(pod.workload, `${container.name} was OOMKilled, but not at intervals that a leak would make.`)
      else if (image && isRecent(incident, image.at))
        yield reject(
          pod.workload,
          `${container.name} has a new image since ${clockTime(image.at)}: too short for a slope.`,
        )
      else yield describeSawTooth(incident, ends)
    }
  },
}

/** A program that leaks lives this long at least; one that dies sooner has too small a limit (judgement). */
const SHORTEST_RUN = 30 * 60 * 1000

/** So often, before two intervals of the same length are more than chance. */
const FEWEST_RESTARTS = 3

function groupKills(incident: Incident): [Ended, ...Ended[]][] {
  const kills = [...endsOf(incident)].filter(({ end }) => end.reason === 'OOMKilled')
  const groups = Map.groupBy(kills, ({ pod, container }) => `${keyOf(pod.workload)} ${container.name}`)
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, members]) => members.sort((a, b) => runOf(b) - runOf(a)) as [Ended, ...Ended[]])
}

function runOf({ end: { started, finished } }: Ended): number {
  return (finished ?? 0) - (started ?? finished ?? 0)
}

/** The last run was as long as all runs are on average. */
function isSawTooth({ now }: Incident, ended: Ended): boolean {
  const { pod, container } = ended
  const mean = (now - (pod.started ?? pod.created ?? now)) / (container.restarts + 1)
  const run = runOf(ended)
  return container.restarts >= FEWEST_RESTARTS && run >= SHORTEST_RUN && run > mean / 2 && run < mean * 2
}

function describeSawTooth(incident: Incident, ends: readonly [Ended, ...Ended[]]): Finding {
  const [{ pod, container, path, end }] = ends
  const minutes = Math.round(runOf(ends[0]) / 60_000)
  const held = heldOf(incident, pod, container)
  return {
    kind: 'cause',
    subject: pod.workload,
    strength: 'weak',
    from: earliest(ends.map((one) => one.end.started)),
    to: end.finished,
    says: `${container.name} of ${pod.workload.name} is OOMKilled about every ${minutes} minutes (${countOrNo(container.restarts, 'restart')} in ${Math.round((incident.now - (pod.created ?? incident.now)) / 3_600_000)} hours): its memory grows at the same pace after every start${held ? `; it holds ${held.says} now` : ''}.`,
    cites: [cite(pod, [...path, 'startedAt']), cite(pod, [...path, 'finishedAt']), ...(held ? [held.citation] : [])],
    missing: ['The working set over time.'],
    affects: uniqueRefs(ends.map((one) => one.pod.ref)),
  }
}

/** What the running instance has of its limit already, as the kubelet measured it. */
function heldOf(
  incident: Incident,
  pod: Pod,
  container: Container,
): { readonly says: string; readonly citation: Citation } | undefined {
  const figure = incident.counters.usageOfContainer(pod.ref, container.name)?.workingSet
  const limit = memoryLimitOf(pod, container)
  if (!figure || limit === undefined || container.state.kind !== 'running') return undefined
  return { says: `${showBytes(figure.value)} of ${showBytes(limit)}`, citation: citeFigure(figure) }
}

/** Programs that say themselves that their heap is full: those that end of it, and those that only suffer. */
function* findExhaustedHeaps(incident: Incident): Generator<Finding> {
  const ended = new Set<string>()
  for (const { workload, crashes } of findCrashes(incident)) {
    const exhausted = crashes.filter((crash) => exhaustionOf(incident, crash))
    const [crash] = exhausted
    if (!crash) continue
    ended.add(keyOf(workload))
    yield describeEnd(incident, exhausted as [Crash, ...Crash[]])
  }
  for (const { workload, said, sick } of sayersOf(incident, 'heap-exhausted')) {
    const [first] = said
    if (sick.length === 0 || ended.has(keyOf(workload))) continue
    const isOver = sick.every((pod) => isPast(incident, pod))
    yield {
      kind: isOver ? 'risk' : 'cause',
      subject: workload,
      strength: isOver || sick.every(isKilled) ? 'weak' : 'strong',
      from: earliest(said.map((one) => one.first)),
      says: `${workload.name} ran out of its own heap in ${countOrNo(sick.length, 'pod')}: ${first.words.slice(0, 120)}${isOver ? `, last at ${clockTime(latest(said.map((one) => one.last)))}, and has been well since` : ''}.`,
      cites: [first.citation],
      missing: ['The working set over time, which tells a leak from a heap that is too small.'],
      affects: sick.map(({ ref }) => ref),
    }
  }
}

/** A pod of which the kernel killed a container: what its runtime said before is a part of that. */
function isKilled({ containers }: Pod): boolean {
  return containers.some(({ state, last }) => (state.kind === 'terminated' ? state : last)?.reason === 'OOMKilled')
}

/** A pod that is ready, whose containers that ended have run well since. */
function isPast(incident: Incident, pod: Pod): boolean {
  const ended = pod.containers.filter(({ last }) => last !== undefined)
  return (
    pod.ready &&
    ended.every((container) => isWellSince(incident, { pod, container, end: container.last as Terminated }))
  )
}

function describeEnd(incident: Incident, crashes: readonly [Crash, ...Crash[]]): Finding {
  const [{ pod, container, citation }] = crashes
  const words = exhaustionOf(incident, crashes[0])
  const pods = [...new Set(crashes.map((crash) => crash.pod))]
  const bound = heapBoundOf(pod, container)
  return {
    kind: 'cause',
    subject: pod.workload,
    strength: 'proof',
    from: earliest(crashes.map(({ since }) => since)),
    says: `${container.name} in ${countOrNo(pods.length, 'pod')} of ${pod.workload.name} ends because its runtime gets no more memory for its heap, and not by the kernel: "${shorten(words?.text ?? '')}"; ${bound.says}.`,
    cites: [...(words ? [words.citation] : []), citation, ...bound.cites] as [Citation, ...Citation[]],
    missing: ['The working set over time, which tells a leak from a heap that is too small.'],
    affects: sufferersOf(incident, pods),
  }
}
