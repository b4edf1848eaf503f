import type { LedgerLine, Scope } from '../bundle/format.ts'
import type { CollectContext, Collector, NodeTarget, Observed, ObservedPod, Target } from '../collector.ts'
import { tellDeadline } from '../healing/deadline.ts'
import type { Discovery } from '../sources/kube/discovery.ts'
import type { Diagnostics } from '../sources/node/diagnostic/diagnostics.ts'
import type { Insides } from '../sources/node/inside.ts'
import { chooseComponents } from './chosen-components.ts'
import type { ChosenNodes } from './chosen-nodes.ts'
import { type Collecting, type CollectRun, defaultScope, startCollecting } from './collect.ts'
import { describeFailure } from './failure.ts'
import { unaskedLine } from './ledger.ts'
import type { LogBudget } from './log-budget.ts'
import type { CaptureOptions } from './options.ts'
import type { LogTarget, Suspects } from './suspects.ts'
import { createTaskQueue, type TaskQueue } from './task-queue.ts'

/** Lists at work at a time: what a page costs in memory, here and in the API server, is bounded by this. */
const LISTS_AT_ONCE = 4

/** Pods whose logs are read at a time; log requests pass by priority and fairness, so the client alone limits them (KEP-1040). */
const LOGS_AT_ONCE = 12

/** … of which so many of one node: its kubelet may be dead, and the logs of the other nodes must not wait for it. */
const LOGS_OF_A_NODE = 3

/**
 * Questions to kubelets under way at a time: each answer is some megabytes in memory, and fifty full nodes are read in five seconds so
 * (bench:nodes).
 */
const NODE_WORK_AT_ONCE = 10

/** … of one node, whose kubelet has other work; and one only until it has answered anything, so that dead ones keep nobody waiting. */
const OF_A_NODE_AT_ONCE = 2

/** Nodes of which is told that they are about to go: where hundreds are, the report lists them. */
const MOST_WARNINGS = 5

/** Nodes that are read from inside at a time; all collectors of one share a batch, and single programs are few. */
const INSIDES_AT_ONCE = 128
const INSIDE_A_NODE = 8

/** The collectors that must be done before the nodes that host what fails, and their controls, can be chosen. */
const CHOICE = ['pods', 'nodes']

const NO_COMPONENT = 'no running pod was seen that it could ask'

/** A pod that starts Terminating takes its logs with it: nothing else goes first. */
const FRONT = -1

/** When each task of a run ran, in milliseconds since its start. */
export interface Timing {
  readonly collector: string
  readonly target: string
  readonly queued: number
  readonly started: number
  readonly ended: number
}

/** A task that has not begun. */
interface Waiting {
  readonly collector: Collector
  readonly target: Target
  readonly sample: 0 | 1
}

/** The work of one capture: what runs when, re-planned as objects pass by. */
export interface Schedule {
  /** Queues everything; resolves when all of it is done (recordings too) or the run was ended. */
  work(): Promise<void>
  observe(observed: readonly Observed[]): void
  /** Stops: what waits becomes a ledger line, what runs may finish within `grace` milliseconds. */
  stop(grace: number): Promise<void>
  readonly timings: readonly Timing[]
}

/** Creates the schedule of one run over the selected collectors. */
export function createSchedule(options: {
  capture: CaptureOptions
  collectors: readonly Collector[]
  discovery: Promise<Discovery>
  run: CollectRun
  suspects: Suspects
  chosenNodes: ChosenNodes
  insides: Insides
  diagnostics: Diagnostics
  logBudget: LogBudget
  started: Date
}): Schedule {
  const { capture, collectors, discovery, run, suspects, chosenNodes, insides, diagnostics, logBudget } = options
  const recording = new AbortController()
  const recordings: Collecting[] = []
  const running = new Set<Collecting>()
  const waiting = new Map<string, Waiting>()
  const unaffordable: Waiting[] = []
  const timings: Timing[] = []
  const silences = new Map<string, number>()
  const idle = Promise.withResolvers<void>()
  const logs = collectors.find((collector) => collector.scope === 'pod')
  const lists = createTaskQueue(LISTS_AT_ONCE, checkIdle)
  const pods = createTaskQueue(LOGS_AT_ONCE, checkIdle, LOGS_OF_A_NODE)
  const answering = new Set<string>()
  const nodes = createTaskQueue(NODE_WORK_AT_ONCE, checkIdle, (node) => (answering.has(node) ? OF_A_NODE_AT_ONCE : 1))
  /** What waits for a probe must not keep its kubelet's place. */
  const inside = createTaskQueue(INSIDES_AT_ONCE, checkIdle, INSIDE_A_NODE)
  /** Second samples whose time has not come. */
  const pending = new Map<NodeJS.Timeout, Waiting>()
  const components = chooseComponents(collectors)
  const unlisted = new Set(CHOICE.filter((id) => collectors.some((one) => one.id === id)))
  let warned = 0
  let planned = false
  let settled = false

  function checkIdle(): void {
    if (!planned || !lists.idle()) return
    settle()
    if (pods.idle() && nodes.idle() && inside.idle() && pending.size === 0) idle.resolve()
  }

  /** What was listed is all there is: now the rest of the nodes can be chosen. */
  function settle(): void {
    if (settled) return
    settled = true
    for (const node of chosenNodes.settle()) readNode(node)
    for (const { collector, pod } of components.settle()) readComponent(collector, pod)
    for (const collector of components.without()) run.close(unaskedLine(collector.id, {}, 'not-asked', NO_COMPONENT))
  }

  function context(target: Target, sample: 0 | 1): CollectContext {
    return {
      kube: capture.kube,
      discovery,
      target,
      sample,
      settings: {
        namespaces: capture.namespaces,
        since: capture.since,
        configData: capture.configData,
        pageSize: PAGE_SIZE,
        logs: capture.logs,
        full: capture.inside.full,
      },
      signal: run.ending.signal,
      recording: recording.signal,
      insides,
      diagnostics,
      silences,
      hint,
    }
  }

  function start(collector: Collector, target: Target, sample: 0 | 1): Collecting {
    capture.onEvent({ type: 'started', collector: collector.id, band: collector.volatility })
    return startCollecting(collector, context(target, sample), run)
  }

  function enqueue(queue: TaskQueue, collector: Collector, target: Target, rank: number, sample: 0 | 1 = 0): void {
    const work = { collector, target, sample }
    const key = keyOf(work)
    const queued = elapsed()
    waiting.set(key, work)
    capture.onEvent({
      type: 'queued',
      collector: collector.id,
      title: collector.title,
      band: collector.volatility,
      count: 1,
    })
    queue.add({ key, rank, group: groupOf(target), run: () => perform(work, key, queued) })
  }

  async function perform(work: Waiting, key: string, queued: number): Promise<void> {
    const { collector, target, sample } = work
    waiting.delete(key)
    const started = elapsed()
    const ready = withLogBytes(target, logBudget)
    if (ready.kind === 'pod' && ready.logBytes === 0) {
      unaffordable.push(work)
      return
    }
    const collecting = start(collector, ready, sample)
    running.add(collecting)
    const files = await collecting.done
    if (files > 0 && target.kind === 'node') answering.add(target.node.name)
    if (files > 0 && collector.sampled && sample + 1 < capture.samples) sampleAgain(work, elapsed() - started)
    running.delete(collecting)
    timings.push({ collector: collector.id, target: key, queued, started, ended: elapsed() })
    unlisted.delete(collector.id)
    if (unlisted.size === 0) settle()
    capture.onEvent({ type: 'finished', collector: collector.id, band: collector.volatility })
  }

  function readLogs(target: LogTarget, rank: number): void {
    if (!logs || run.ending.signal.aborted) return
    enqueue(pods, logs, { kind: 'pod', ...target, logBytes: 0 }, rank)
  }

  /** Reads what could be read once a second time, so long after the beginning of the first; the run does other work in between. */
  function sampleAgain({ collector, target }: Waiting, since: number): void {
    if (run.ending.signal.aborted) return
    const work = { collector, target, sample: 1 } as const
    const timer = setTimeout(
      () => {
        pending.delete(timer)
        enqueue(queueOf(collector), collector, target, rankOf(work), 1)
      },
      Math.max(0, capture.interval - since),
    )
    pending.set(timer, work)
  }

  function queueOf({ ways }: Collector): TaskQueue {
    return ways ? inside : nodes
  }

  function readNode(node: NodeTarget): void {
    if (run.ending.signal.aborted) return
    if (node.heal && warned++ < MOST_WARNINGS) {
      const message = `Node ${node.name} is replaced or rebooted ${tellDeadline(node.heal, Date.now())} by ${node.heal.by}: ${node.heal.because}.`
      capture.onEvent({ type: 'notice', level: 'warning', message })
    }
    components.prefer(node)
    for (const collector of collectors.filter((one) => one.scope === 'node')) {
      const target = { kind: 'node', node } as const
      enqueue(queueOf(collector), collector, target, rankOf({ collector, target, sample: 0 }))
    }
  }

  function readComponent(collector: Collector, pod: ObservedPod): void {
    if (run.ending.signal.aborted) return
    enqueue(nodes, collector, { kind: 'component', pod }, collector.volatility)
  }

  function hint(target: { kind: string; namespace?: string; name: string; uid?: string }, reason: string): void {
    if (!logs || target.kind !== 'Pod' || target.namespace === undefined) return
    if (target.uid !== undefined && pods.promote(`${logs.id} ${target.uid}`, FRONT)) return
    const chosen = suspects.choose({ namespace: target.namespace, name: target.name }, reason)
    if (chosen) readLogs(chosen, FRONT)
  }

  /** Resource collectors need to know what is served; everything else starts at once, and goes on where discovery fails. */
  async function planResources(): Promise<void> {
    const planners = collectors.filter((one) => one.scope === 'resource')
    try {
      const { resources } = await discovery
      for (const collector of planners) {
        for (const resource of resources) {
          if (collector.takes?.(resource))
            enqueue(lists, collector, { kind: 'resource', resource }, collector.volatility)
        }
      }
    } catch (error) {
      const { status, reason } = describeFailure(error, run.ending, 0)
      const line = { scope: {}, status, reason: `discovery: ${reason}`, requests: 0, bytes: 0, files: [] }
      for (const collector of planners) run.close({ collector: collector.id, ...line })
    }
  }

  function elapsed(): number {
    return Date.now() - options.started.getTime()
  }

  return {
    timings,
    async work() {
      for (const collector of collectors.filter((one) => one.scope === 'cluster')) {
        if (collector.volatility === 0) recordings.push(start(collector, { kind: 'cluster' }, 0))
        else enqueue(lists, collector, { kind: 'cluster' }, collector.volatility)
      }
      await planResources()
      planned = true
      checkIdle()
      await Promise.race([idle.promise, aborted(run.ending.signal)])
      recording.abort()
      await Promise.race([Promise.all(recordings.map((one) => one.done)), aborted(run.ending.signal)])
    },
    observe(observed) {
      for (const one of observed) {
        for (const target of suspects.see(one)) readLogs(target, target.suspect ? 2 : 3)
        for (const node of chosenNodes.see(one)) readNode(node)
        if (one.kind === 'Pod') components.see(one)
      }
    },
    async stop(grace) {
      recording.abort()
      const queued = [...lists.drain(), ...pods.drain(), ...nodes.drain(), ...inside.drain()]
      const left = [...queued.flatMap((task) => waiting.get(task.key) ?? []), ...pending.values()]
      for (const timer of pending.keys()) clearTimeout(timer)
      for (const line of describeWaiting(left, skipReason(run))) run.close(line)
      for (const line of describeWaiting(unaffordable, 'the byte budget of logs was used up')) run.close(line)
      const unfinished = [...running, ...recordings]
      await Promise.race([Promise.all(unfinished.map((one) => one.done)), sleep(grace)])
      for (const one of unfinished) one.abandon()
    },
  }
}

/** Objects per list page: what kubectl asks for (--chunk-size), and what the API server serves from one etcd page. */
const PAGE_SIZE = 500

function skipReason(run: CollectRun): string {
  return `not asked: ${run.ending.reason ?? 'the run ended'}`
}

/** Lines for what was never asked; the pods of a namespace are one line, not thousands. */
function describeWaiting(left: readonly Waiting[], reason: string): LedgerLine[] {
  const groups = Map.groupBy(left, (work) => {
    return work.target.kind === 'pod' ? `${work.collector.id} in ${work.target.pod.namespace}` : keyOf(work)
  })
  return [...groups.values()].map((alike) => describeAlike(alike, reason))
}

function describeAlike(alike: readonly Waiting[], reason: string): LedgerLine {
  const [work] = alike as readonly [Waiting]
  const { collector } = work
  const { name, ...place } = scopeOf(work)
  if (name === undefined || alike.length === 1) return unaskedLine(collector.id, scopeOf(work), 'skipped', reason)
  return unaskedLine(collector.id, place, 'skipped', `${alike.length} pods: ${reason}`)
}

function keyOf(work: Waiting): string {
  const { collector, target } = work
  if (target.kind === 'pod') return `${collector.id} ${target.pod.uid}`
  return `${collector.id} ${JSON.stringify(scopeOf(work))}`
}

function scopeOf({ collector, target, sample }: Waiting): Scope {
  return defaultScope(target, collector.sampled ? sample : undefined)
}

function groupOf(target: Target): string | undefined {
  if (target.kind === 'node') return target.node.name
  return target.kind === 'pod' || target.kind === 'component' ? target.pod.nodeName : undefined
}

/** Of one band the sick nodes come first, of these the ones that are replaced soonest; second samples come when they are due. */
function rankOf({ collector, target, sample }: Waiting): number {
  if (sample === 1) return 0
  return collector.volatility + (target.kind === 'node' ? urgencyOf(target.node) : 0)
}

const HOUR = 60 * 60 * 1000

function urgencyOf({ suspect, heal }: NodeTarget): number {
  if (!suspect) return 0.9
  return heal ? Math.min(1, Math.max(0, (heal.at - Date.now()) / HOUR)) / 2 : 0.6
}

/** A log's share is decided when its turn comes, not when it was queued. */
function withLogBytes(target: Target, budget: LogBudget): Target {
  return target.kind === 'pod' ? { ...target, logBytes: budget.share(target.suspect) } : target
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref())
}
