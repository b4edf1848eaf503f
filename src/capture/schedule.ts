import type { LedgerLine } from '../bundle/format.ts'
import type { CollectContext, Collector, Observed, Target } from '../collector.ts'
import type { Discovery } from '../sources/kube/discovery.ts'
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
  logBudget: LogBudget
  started: Date
}): Schedule {
  const { capture, collectors, discovery, run, suspects, logBudget } = options
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
  let planned = false

  function checkIdle(): void {
    if (planned && lists.idle() && pods.idle()) idle.resolve()
  }

  function context(target: Target): CollectContext {
    return {
      kube: capture.kube,
      discovery,
      target,
      sample: 0,
      settings: {
        namespaces: capture.namespaces,
        since: capture.since,
        configData: capture.configData,
        pageSize: PAGE_SIZE,
      },
      signal: run.ending.signal,
      recording: recording.signal,
      silences,
      hint,
    }
  }

  function start(collector: Collector, target: Target): Collecting {
    capture.onEvent({ type: 'started', collector: collector.id, band: collector.volatility })
    return startCollecting(collector, context(target), run)
  }

  function enqueue(queue: TaskQueue, collector: Collector, target: Target, rank: number): void {
    const key = keyOf(collector, target)
    const queued = elapsed()
    waiting.set(key, { collector, target })
    capture.onEvent({
      type: 'queued',
      collector: collector.id,
      title: collector.title,
      band: collector.volatility,
      count: 1,
    })
    const group = target.kind === 'pod' ? target.pod.nodeName : undefined
    queue.add({ key, rank, group, run: () => perform(collector, target, key, queued) })
  }

  async function perform(collector: Collector, target: Target, key: string, queued: number): Promise<void> {
    waiting.delete(key)
    const started = elapsed()
    const ready = withLogBytes(target, logBudget)
    if (ready.kind === 'pod' && ready.logBytes === 0) {
      unaffordable.push({ collector, target })
      return
    }
    const collecting = start(collector, ready)
    running.add(collecting)
    await collecting.done
    running.delete(collecting)
    timings.push({ collector: collector.id, target: key, queued, started, ended: elapsed() })
    capture.onEvent({ type: 'finished', collector: collector.id, band: collector.volatility })
  }

  function readLogs(target: LogTarget, rank: number): void {
    if (!logs || run.ending.signal.aborted) return
    enqueue(pods, logs, { kind: 'pod', ...target, logBytes: 0 }, rank)
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
        if (collector.volatility === 0) recordings.push(start(collector, { kind: 'cluster' }))
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
      }
    },
    async stop(grace) {
      recording.abort()
      const left = [...lists.drain(), ...pods.drain()].flatMap((task) => waiting.get(task.key) ?? [])
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
  const groups = Map.groupBy(left, ({ collector, target }) => {
    return target.kind === 'pod' ? `${collector.id} in ${target.pod.namespace}` : keyOf(collector, target)
  })
  return [...groups.values()].map((alike) => describeAlike(alike, reason))
}

function describeAlike(alike: readonly Waiting[], reason: string): LedgerLine {
  const [{ collector, target }] = alike as readonly [Waiting]
  const { name, ...place } = defaultScope(target)
  if (name === undefined || alike.length === 1) {
    return unaskedLine(collector.id, defaultScope(target), 'skipped', reason)
  }
  return unaskedLine(collector.id, place, 'skipped', `${alike.length} pods: ${reason}`)
}

function keyOf(collector: Collector, target: Target): string {
  if (target.kind === 'pod') return `${collector.id} ${target.pod.uid}`
  return `${collector.id} ${JSON.stringify(defaultScope(target))}`
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
