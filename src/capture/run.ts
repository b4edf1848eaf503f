import { randomUUID } from 'node:crypto'
import { collectors } from '../../collectors/index.ts'
import { bundleName, FORMAT, INCOMPLETE_STATUSES, type Manifest, type Obtained } from '../bundle/format.ts'
import { type BundleWriter, openBundleWriter } from '../bundle/writer.ts'
import { FreezeframeError } from '../error.ts'
import type { AskedFor } from '../sources/kube/client.ts'
import { discover } from '../sources/kube/discover.ts'
import type { Discovery } from '../sources/kube/discovery.ts'
import { meterRequests } from '../sources/kube/meter.ts'
import { openDiagnostics } from '../sources/node/diagnostic/open-diagnostics.ts'
import { openInsides } from '../sources/node/open-insides.ts'
import { chooseNodes } from './chosen-nodes.ts'
import type { CollectRun } from './collect.ts'
import { createEnding, type Ending } from './ending.ts'
import type { CaptureEvent } from './events.ts'
import { describeFailure } from './failure.ts'
import { captureIdentity, type Identity, UNKNOWN_IDENTITY } from './identity.ts'
import { createLedger, type Ledger, unaskedLine } from './ledger.ts'
import { createLogBudget, DEFAULT_LOG_BYTES } from './log-budget.ts'
import { missingNamespaces } from './missing-namespaces.ts'
import type { CaptureOptions, CaptureResult } from './options.ts'
import { describeProvider } from './provider.ts'
import { openRedactPool } from './redact/pool.ts'
import { createWordsRedactor } from './redact/words.ts'
import { createSchedule } from './schedule.ts'
import { type Selection, selectCollectors } from './select.ts'
import { openSinks } from './sinks.ts'
import { createSizeLimit } from './size-limit.ts'
import { createSuspects, describeFocus } from './suspects.ts'
import { closeUnreadLogs } from './unread-logs.ts'

/** Time for what is under way when a run is ended early; closing takes the rest of the two seconds that Ctrl-C is promised. */
const GRACE_MS = 700

/** What a killed process loses at the most, and how often progress is told. */
const FLUSH_MS = 1000
const PROGRESS_MS = 500

/**
 * Captures a cluster into one bundle. Resolves with the manifest whenever anything was captured, however the run ended; rejects with a
 * FreezeframeError when nothing was (unreachable, denied, CAPTURE_EMPTY) or when no output could be written.
 */
export async function capture(options: CaptureOptions): Promise<CaptureResult> {
  const started = new Date()
  const name = bundleName(options.clusterName ?? options.kube.clusterName, started)
  const selection = selectCollectors(collectors, options.only, options.skip, options.inside.ways)
  const ending = createEnding(options.signal, options.deadline)
  const sinks = await openSinks(options.outputs, name, options.overwrite, ending.signal).catch((error) => {
    ending.dispose()
    throw error
  })
  const writer = openBundleWriter({ name, output: sinks })
  const settings = {
    key: options.redactionKey,
    configData: options.configData,
    dropNodeImages: options.dropNodeImages,
    onlyNames: options.logs === 'none' && options.nodes === 'none',
  }
  const pool = openRedactPool(settings)
  const redactWords = createWordsRedactor(settings)
  const session = openSession({ options, started, selection, ending, writer, redact: pool.redact, redactWords })
  try {
    await session.work()
    const manifest = await writer.finish(await session.describe(pool.keyId))
    await sinks.finish()
    return { manifest, outputs: sinks.results() }
  } catch (error) {
    if (!session.capturedAnything()) await sinks.discard()
    throw error
  } finally {
    ending.dispose()
    await pool.close()
  }
}

interface SessionParts {
  readonly options: CaptureOptions
  readonly started: Date
  readonly selection: Selection
  readonly ending: Ending
  readonly writer: BundleWriter
  readonly redact: CollectRun['redact']
  /** For sentences of the ledger. */
  readonly redactWords: (words: string) => string
}

/** One capture between its first request and its manifest. */
function openSession(parts: SessionParts) {
  const { options, started, selection, ending, writer } = parts
  const ledger = createLedger((line) => options.onEvent({ type: 'closed', line }), parts.redactWords)
  const suspects = createSuspects(options.logs, options.focus)
  const chosenNodes = chooseNodes(options.nodes)
  const logBudget = createLogBudget(Math.min(DEFAULT_LOG_BYTES, (options.maxSize ?? Number.POSITIVE_INFINITY) * 4))
  const size = createSizeLimit(options.maxSize, writer, ledger)
  const counts: Record<string, number> = {}
  let discovery: Discovery | undefined
  let identity: Identity = UNKNOWN_IDENTITY
  let clockOffsetMs: number | null = null
  let captured = 0
  let segments = 0

  const run: CollectRun = {
    ending,
    async redact(body, content) {
      const redacted = await parts.redact(body, content)
      for (const [rule, count] of Object.entries(redacted.counts)) counts[rule] = (counts[rule] ?? 0) + count
      return redacted
    },
    async append(file) {
      if (!(await size.admit(file.body, () => appendOrEnd(file)))) {
        if (size.isFull()) ending.end('size', `--max-size ${options.maxSize} bytes was reached`)
        return false
      }
      captured++
      clockOffsetMs ??= clockOffset(file.obtained)
      if (file.path.startsWith('logs/')) logBudget.spend(file.body.length)
      options.onEvent({ type: 'file', collector: file.collector, path: file.path, bytes: file.body.length })
      return true
    },
    observe: (observed) => schedule.observe(observed),
    close: (line) => ledger.close(line),
  }

  async function appendOrEnd(file: { path: string; body: Buffer; collector?: string; obtained: Obtained }) {
    try {
      await writer.append(file)
    } catch (error) {
      // A name that no bundle can hold costs that one file; everything else is the output's end.
      if (error instanceof FreezeframeError && error.code === 'BUNDLE_UNSAFE') throw error
      ending.end('failed', describeError(error))
      outputError ??= error
      throw error
    }
  }

  let outputError: unknown
  const discovering = discover(options.kube, ending.signal).then((found) => {
    discovery = found
    options.onEvent({ type: 'connected', server: options.kube.server, version: found.version?.gitVersion ?? null })
    return found
  })
  // Collectors that wait for it report its failure; without any of them it must not end the process.
  discovering.catch(() => {})
  const insides = openInsides({
    kube: options.kube,
    ...describeInsides(parts),
    signal: ending.signal,
    onProbes: (outcome) => closeCreated('probes', outcome),
  })
  const diagnostics = openDiagnostics({
    kube: options.kube,
    signal: ending.signal,
    onDone: (outcome) => closeCreated('node-diagnostics', outcome),
  })
  const schedule = createSchedule({
    capture: options,
    collectors: selection.selected,
    discovery: discovering,
    run,
    suspects,
    chosenNodes,
    insides,
    diagnostics,
    logBudget,
    started,
  })

  return {
    capturedAnything: () => captured > 0,
    async work() {
      const ticking = startTicking(options, writer, writeLedger)
      try {
        await appendOrEnd(localFile('run/plan.json', describePlan(parts)))
        await Promise.all([schedule.work(), reviewIdentity(), checkNamespaces()])
      } catch (error) {
        ending.end('failed', describeError(error))
      } finally {
        options.onEvent({ type: 'ending', reason: ending.ended })
        await schedule.stop(GRACE_MS)
        await Promise.all([insides.close(), diagnostics.close()])
        await ticking.stop()
      }
      if (outputError !== undefined) throw outputError
      if (captured === 0) throw await explainEmpty(parts, discovering, ledger)
    },
    /** Writes the last of `run/` and puts the manifest together. */
    async describe(keyId: string): Promise<Omit<Manifest, 'files' | 'root'>> {
      closeUnasked()
      await writeLedger()
      await writer.append(localFile('run/timings.json', { tasks: schedule.timings }))
      await writer.append(localFile('run/requests.json', options.kube.cost()))
      return describeManifest(parts, { ledger, discovery, identity, clockOffsetMs, counts, keyId })
    },
  }

  /** Who asked and what it may: no collector, but a source like any other, with its line in the ledger. */
  async function reviewIdentity(): Promise<void> {
    try {
      const { kube, take } = meterRequests(options.kube)
      const reviewed = await captureIdentity(
        kube,
        selection.selected,
        await discovering,
        options.namespaces,
        ending.signal,
      )
      identity = reviewed.identity
      const file = localFile('run/identity.json', reviewed.reviews)
      await appendOrEnd(file)
      ledger.close({
        collector: 'identity',
        scope: {},
        ...reviewed.outcome,
        ...take(),
        files: [file.path],
      })
    } catch (error) {
      const { status, reason } = describeFailure(error, ending, 0)
      ledger.close({ collector: 'identity', scope: {}, status, reason, requests: 0, bytes: 0, files: [] })
    }
  }

  async function checkNamespaces(): Promise<void> {
    if (options.namespaces === undefined) return
    const { kube, take } = meterRequests(options.kube)
    const missing = await missingNamespaces(kube, options.namespaces, ending.signal)
    const scope = { resource: 'namespaces' }
    ledger.close({ collector: 'namespaces', scope, status: 'complete', ...take(), files: [] })
    for (const name of missing) {
      const reason = `there is no namespace "${name}"`
      ledger.close(unaskedLine('namespaces', { resource: 'namespaces', name }, 'failed', reason))
      options.onEvent({ type: 'notice', level: 'warning', message: reason })
    }
  }

  /** What was written to the cluster, and that it is gone again. */
  function closeCreated(what: keyof typeof CREATED, { created, left, asked }: CreatedOutcome): void {
    const [one, several] = CREATED[what]
    const done = created === 1 ? `1 ${one} was created` : `${created} ${several} were created`
    const reason = left.length === 0 ? `${done} and removed` : `${done}, and not all removed: ${left.join('; ')}`
    ledger.close({
      collector: what,
      scope: {},
      status: left.length === 0 ? 'complete' : 'failed',
      reason,
      ...asked,
      files: [],
    })
    if (left.length > 0) options.onEvent({ type: 'notice', level: 'warning', message: `${what}: ${reason}` })
  }

  async function writeLedger(): Promise<void> {
    const lines = ledger.takeUnwritten()
    if (lines.length === 0) return
    segments++
    const body = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    await writer.append({ path: `run/ledger/${String(segments).padStart(4, '0')}.jsonl`, body, obtained: locally() })
  }

  function closeUnasked(): void {
    for (const { collector, reason } of selection.left) {
      ledger.close(unaskedLine(collector.id, {}, 'not-asked', reason))
    }
    ledger.close(unaskedLine('objects', { resource: 'secrets' }, 'not-asked', 'Secrets are never asked for'))
    if (selection.selected.some(({ id }) => id === 'logs')) closeUnreadLogs(options, ledger, suspects)
  }
}

/** What a run may create, and how it is told of. */
const CREATED = {
  probes: ['probe', 'probes'],
  'node-diagnostics': ['NodeDiagnostic', 'NodeDiagnostics'],
} as const

/** What became of it. */
interface CreatedOutcome {
  readonly created: number
  /** Why some of it, and of earlier runs, may still be there. */
  readonly left: readonly string[]
  readonly asked: AskedFor
}

/** How nodes are read from inside: a probe lives as long as both samples take, and the time in which a node may be slow. */
function describeInsides({ options, selection }: SessionParts) {
  const { ways, probeImage: image, probeNamespace: namespace } = options.inside
  const lifetime = PROBE_S + Math.ceil(((options.samples - 1) * options.interval) / 1000)
  const asking = selection.selected.filter((one) => one.ways?.includes('probe'))
  const first = asking.map(({ id }) => id)
  const second = asking.filter(({ sampled }) => sampled).map(({ id }) => id)
  return { ways, probe: { namespace, image, lifetime }, groups: { 0: first, 1: second } as const }
}

/** Seconds for the start of a pod, two batches and what lies between. */
const PROBE_S = 180

interface Findings {
  readonly ledger: Ledger
  readonly discovery: Discovery | undefined
  readonly identity: Identity
  readonly clockOffsetMs: number | null
  readonly counts: Readonly<Record<string, number>>
  readonly keyId: string
}

function describeManifest(parts: SessionParts, found: Findings): Omit<Manifest, 'files' | 'root'> {
  const { options, started, ending } = parts
  const version = found.discovery?.version?.gitVersion ?? null
  const cluster = { name: options.clusterName ?? options.kube.clusterName, server: options.kube.server, version }
  const incomplete = found.ledger.lines.some((line) => INCOMPLETE_STATUSES.includes(line.status))
  return {
    format: FORMAT,
    tool: {
      name: 'freezeframe',
      version: options.toolVersion,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
    },
    cluster: { ...cluster, ...describeProvider(cluster) },
    window: { start: started.toISOString(), end: new Date().toISOString(), clockOffsetMs: found.clockOffsetMs },
    identity: { ...found.identity, context: options.kube.context },
    arguments: describeArguments(options),
    scope: {
      namespaces: options.namespaces ?? 'all',
      focus: options.focus.map(describeFocus),
    },
    set: { id: randomUUID(), part: 1, parts: 1 },
    outcome: {
      status: incomplete || ending.ended !== 'finished' ? 'partial' : 'complete',
      ended: ending.ended,
      ...(ending.reason === undefined ? {} : { reason: ending.reason }),
    },
    resources: found.discovery?.resources ?? [],
    ledger: found.ledger.lines,
    redaction: { keyId: found.keyId, counts: found.counts },
    cost: options.kube.cost(),
  }
}

/** The settings as normalised, in the command line's units; the redaction key never enters the bundle. */
function describeArguments(options: CaptureOptions): Manifest['arguments'] {
  return {
    deadlineMs: options.deadline,
    maxSizeBytes: options.maxSize ?? null,
    only: options.only ?? null,
    skip: options.skip,
    since: options.since?.toISOString() ?? null,
    logs: options.logs,
    nodes: options.nodes,
    samples: options.samples,
    intervalMs: options.interval,
    insideNodes: options.inside.ways,
    full: options.inside.full,
    configData: options.configData,
    dropNodeImages: options.dropNodeImages,
  }
}

function describePlan({ options, selection }: SessionParts): unknown {
  return {
    bands: selection.selected.map(({ id, title, volatility, scope, reads }) => ({
      id,
      title,
      volatility,
      scope,
      reads,
    })),
    leftOut: selection.left.map(({ collector, reason }) => ({ id: collector.id, reason })),
    arguments: describeArguments(options),
  }
}

/** Once a second what was appended reaches the output, ledger included, so that a killed process leaves what it had. */
function startTicking(options: CaptureOptions, writer: BundleWriter, writeLedger: () => Promise<void>) {
  const begun = Date.now()
  let flushing: Promise<void> = Promise.resolve()
  let files = 0
  const flush = async () => {
    if (writer.files.length === files) return
    await writeLedger()
    await writer.flush()
    files = writer.files.length
  }
  const flusher = setInterval(() => {
    // A broken output is told by the append that meets it.
    flushing = flushing.then(flush).catch(() => {})
  }, FLUSH_MS)
  const teller = setInterval(() => options.onEvent(describeProgress(options, writer, begun)), PROGRESS_MS)
  return {
    async stop() {
      clearInterval(flusher)
      clearInterval(teller)
      await flushing
    },
  }
}

function describeProgress(options: CaptureOptions, writer: BundleWriter, begun: number): CaptureEvent {
  const cost = options.kube.cost()
  const requests = Object.values(cost.requests).flatMap((codes) => Object.values(codes))
  return {
    type: 'progress',
    elapsed: Date.now() - begun,
    bytesReceived: cost.bytes,
    bytesWritten: writer.bytesWritten,
    requests: requests.reduce((sum, count) => sum + count, 0),
    ...options.kube.congestion(),
    throttled: cost.throttled,
  }
}

function localFile(path: string, content: unknown): { path: string; body: Buffer; obtained: Obtained } {
  return { path, body: Buffer.from(`${JSON.stringify(content, null, 1)}\n`), obtained: locally() }
}

function locally(): Obtained {
  return { request: 'local', at: new Date().toISOString() }
}

/** Server minus local clock; the Date header has whole seconds (RFC 9110 section 6.6.1), so its middle is taken. */
function clockOffset(obtained: Obtained): number | null {
  const server = Date.parse(obtained.serverDate ?? '')
  return Number.isNaN(server) ? null : server + 500 - Date.parse(obtained.at)
}

/** Without any evidence, what ended the run says why, else the failure of the very first questions, else the first line of the ledger. */
async function explainEmpty(
  { options, ending }: SessionParts,
  discovering: Promise<Discovery>,
  ledger: Ledger,
): Promise<FreezeframeError> {
  const isOver = ending.ended !== 'finished' && ending.ended !== 'failed'
  const failure = isOver
    ? undefined
    : await discovering.then(
        () => undefined,
        (error: Error) => error,
      )
  if (failure instanceof FreezeframeError) return failure
  const said = ending.reason ?? failure?.message ?? ledger.lines.find(({ reason }) => reason !== undefined)?.reason
  const why = said === undefined ? '' : `: ${said.replace(/\.$/, '')}`
  return new FreezeframeError(
    'CAPTURE_EMPTY',
    `Nothing could be captured from ${new URL(options.kube.server).host}${why}.`,
    { remedy: 'Run the same command with --plan to see what this identity may read.', cause: failure },
  )
}

function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
