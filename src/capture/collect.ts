import type { LedgerLine, LedgerStatus, Obtained, Scope } from '../bundle/format.ts'
import { resourceName } from '../bundle/format.ts'
import type { Close, CollectContext, Collector, Evidence, Observed, Target } from '../collector.ts'
import { FreezeframeError } from '../error.ts'
import type { AskedFor } from '../sources/kube/client.ts'
import { meterRequests } from '../sources/kube/meter.ts'
import type { Ending } from './ending.ts'
import { describeFailure } from './failure.ts'
import type { Redact, Redacted } from './redact/redact.ts'

/** What one collector's run needs of the capture. */
export interface CollectRun {
  readonly ending: Ending
  readonly redact: Redact
  /** Resolves with false where `--max-size` leaves no room; rejects when the output is broken or full. */
  append(file: { path: string; body: Buffer; collector: string; obtained: Obtained }): Promise<boolean>
  observe(observed: readonly Observed[]): void
  close(line: LedgerLine): void
}

/** One collector at work on one target. */
export interface Collecting {
  /** Resolves with the number of files that came of it. */
  readonly done: Promise<number>
  /** Closes what is still open, for a run that cannot wait; whatever comes later is dropped. */
  abandon(): void
}

const STUCK = { status: 'failed', reason: 'it did not end in time when the run closed' } as const

/** Bytes that a collector may be ahead of the redaction: its small answers need not wait for one another, behind the pages of others. */
const AHEAD = 1024 * 1024

/** Nothing was found where nothing was looked for. */
const IDLE = { status: 'failed', reason: 'it asked for nothing' } as const

interface OpenScope {
  readonly scope: Scope
  readonly files: string[]
  /** Why a file that came is not in the bundle. */
  lost: { readonly status: 'withheld' | 'skipped'; readonly reason: string } | undefined
  truncated: string | undefined
}

/**
 * Runs a collector on a target to its end: each piece of evidence is redacted and appended, in the order of their coming and, unless they
 * are small, before the next is asked for; each closed scope becomes a ledger line, and an error closes what is open with the status that
 * fits it. Never rejects.
 */
export function startCollecting(collector: Collector, context: CollectContext, run: CollectRun): Collecting {
  const open = new Map<string, OpenScope>()
  const meter = meterRequests(context.kube)
  let abandoned = false
  let finished = false
  let lines = 0
  let files = 0
  let held = 0
  let turn: Promise<void> = Promise.resolve()

  /** One after the other; what fails is thrown to the collector, at its next wait. */
  function inTurn(work: () => void | Promise<void>): void {
    turn = turn.then(() => (abandoned ? undefined : work()))
    turn.catch(() => {})
  }

  /** Resolves when the collector may go on. */
  async function take(item: Evidence | Close): Promise<void> {
    if (item.type === 'close') {
      openScope(item.scope)
      const asked = meter.take()
      inTurn(() => close(item.scope, item.status, item.reason, item.cost ?? asked))
      return
    }
    const bytes = item.body.length
    const before = turn
    const redacting = redact(openScope(item.scope), item)
    held += bytes
    inTurn(async () => {
      await keep(item, await redacting)
      held -= bytes
    })
    if (held > AHEAD) await before
  }

  function openScope(scope: Scope): OpenScope {
    const key = JSON.stringify(scope)
    const known = open.get(key) ?? { scope, files: [], lost: undefined, truncated: undefined }
    open.set(key, known)
    return known
  }

  function redact(scope: OpenScope, { path, body, content }: Evidence): Promise<Redacted | undefined> {
    return run.redact(body, content).catch((error: Error) => {
      scope.lost = { status: 'withheld', reason: `${path} could not be redacted: ${error.message}` }
      return undefined
    })
  }

  async function keep(evidence: Evidence, redacted: Redacted | undefined): Promise<void> {
    if (!redacted || abandoned) return
    const scope = openScope(evidence.scope)
    const { path, obtained } = evidence
    if (await store(scope, { path, body: redacted.body, collector: collector.id, obtained })) {
      scope.files.push(path)
      files++
      scope.truncated ??= obtained.truncated
    }
    redacted.release?.()
    run.observe(redacted.observed)
  }

  async function store(scope: OpenScope, file: Parameters<CollectRun['append']>[0]): Promise<boolean> {
    try {
      const fits = await run.append(file)
      if (!fits) scope.lost ??= { status: 'skipped', reason: `--max-size leaves no room for ${file.path}` }
      return fits
    } catch (error) {
      // A server may name things in a way that no bundle can hold: that costs the one file.
      if (!(error instanceof FreezeframeError) || error.code !== 'BUNDLE_UNSAFE') throw error
      scope.lost = { status: 'withheld', reason: error.message }
      return false
    }
  }

  function close(scope: Scope, asked: LedgerStatus, askedReason: string | undefined, cost: AskedFor): void {
    const known = openScope(scope)
    open.delete(JSON.stringify(scope))
    const status = statusOfLost(known) ?? asked
    const reason = known.lost?.reason ?? askedReason
    lines++
    run.close({
      collector: collector.id,
      scope,
      status,
      ...(reason === undefined ? {} : { reason }),
      ...cost,
      files: known.files,
    })
  }

  function closeOpen(failure: { status: LedgerStatus; reason: string } | undefined): void {
    if (open.size === 0 && (failure || lines === 0))
      openScope(defaultScope(context.target, collector.sampled ? context.sample : undefined))
    for (const known of [...open.values()]) close(known.scope, ...outcomeOf(known, failure), meter.take())
  }

  async function work(): Promise<number> {
    try {
      for await (const item of collector.collect({ ...context, kube: meter.kube })) {
        if (abandoned) return files
        await take(item)
      }
      await turn
      if (!abandoned) closeOpen(open.size === 0 && lines === 0 && meter.idle() ? IDLE : undefined)
    } catch (error) {
      await turn.catch(() => {})
      if (!abandoned) closeOpen(describeFailure(error, run.ending, 0))
    } finally {
      finished = true
    }
    return files
  }

  return {
    done: work(),
    abandon() {
      if (abandoned || finished) return
      closeOpen(run.ending.signal.aborted ? describeFailure(undefined, run.ending, 0) : STUCK)
      abandoned = true
    },
  }
}

/** How a scope ends that its collector left open. */
function outcomeOf(
  { files, truncated }: OpenScope,
  failure: { status: LedgerStatus; reason: string } | undefined,
): [LedgerStatus, string | undefined] {
  if (failure) return [files.length > 0 && failure.status !== 'denied' ? 'partial' : failure.status, failure.reason]
  if (files.length === 0) return ['empty', undefined]
  return [truncated === undefined ? 'complete' : 'truncated', truncated]
}

function statusOfLost({ lost, files }: OpenScope): LedgerStatus | undefined {
  return lost?.status === 'skipped' && files.length > 0 ? 'partial' : lost?.status
}

/** What a line is about when the collector failed before it said so. */
export function defaultScope(target: Target, sample?: 0 | 1): Scope {
  const sampled = sample === undefined ? {} : { sample }
  if (target.kind === 'resource') return { resource: resourceName(target.resource) }
  if (target.kind === 'pod') return { resource: 'pods/log', namespace: target.pod.namespace, name: target.pod.name }
  if (target.kind === 'component') {
    return { resource: 'pods/portforward', namespace: target.pod.namespace, name: target.pod.name, ...sampled }
  }
  return target.kind === 'node' ? { node: target.node.name, ...sampled } : {}
}
