import { randomBytes } from 'node:crypto'
import type { AskedFor } from '../kube/client.ts'
import { type KubeClient, KubeError } from '../kube/client.ts'
import { execute } from '../kube/exec.ts'
import { meterRequests } from '../kube/meter.ts'
import type { Batch, Inside, Insides, InsideWay, Running, Tool } from './inside.ts'
import { openProbe, type Probe } from './open-probe.ts'
import { batchCommand } from './probe-job.ts'
import { readBatch } from './read-batch.ts'
import { sweepProbes } from './sweep-probes.ts'
import { findToolPods, PATHS, type ToolPod } from './tool-pods.ts'

/** Milliseconds for a batch, which ends itself after forty seconds and a last command of five, and for its way here. */
const BATCH_MS = 90_000

/** Milliseconds for a single program. */
const COMMAND_MS = 20_000

/** What nodes are read with. */
export interface InsideAccess {
  readonly kube: KubeClient
  readonly ways: readonly InsideWay[]
  /** How probes are made, where they are allowed. */
  readonly probe: { readonly namespace: string; readonly image: string | undefined; readonly lifetime: number }
  /** Collectors that want a batch, by sample. */
  readonly groups: Readonly<Record<0 | 1, readonly string[]>>
  /** The end of the run: what was created is removed at once. */
  readonly signal: AbortSignal
  /** Tells what became of the probes, when all are removed and there were any. */
  onProbes(outcome: ProbesOutcome): void
}

/** What became of the probes of a run. */
export interface ProbesOutcome {
  readonly created: number
  /** Why some of them, and of earlier runs, may still be there. */
  readonly left: readonly string[]
  readonly asked: AskedFor
}

/** Opens the nodes of a cluster by the ways that the user has opened; nothing is asked, and nothing created, before a collector wants it. */
export function openInsides(access: InsideAccess): Insides {
  const run = randomBytes(4).toString('hex')
  const insides = new Map<string, Inside>()
  const probes = new Map<string, Probe>()
  const meter = meterRequests(access.kube)
  const left: string[] = []
  let sweeping: Promise<void> | undefined
  let closing: Promise<void> | undefined

  function probeOf(node: string): Probe {
    const { namespace } = access.probe
    sweeping ??= sweepProbes(meter.kube, namespace, access.signal).catch((error: Error) => {
      if (!access.signal.aborted) left.push(`those of earlier runs: ${error.message}`)
    })
    const name = `freezeframe-probe-${run}-${probes.size + 1}`
    const probe = openProbe({ ...access.probe, kube: meter.kube, signal: access.signal }, { node, name })
    probes.set(node, probe)
    return probe
  }

  async function removeAll(): Promise<void> {
    access.signal.removeEventListener('abort', close)
    const created = [...probes].filter(([, probe]) => probe.wasCreated())
    await sweeping
    const removed = await Promise.allSettled(created.map(([, probe]) => probe.remove()))
    for (const [index, one] of removed.entries()) {
      if (one.status === 'rejected') left.push(`that of node ${created[index]?.[0]}: ${(one.reason as Error).message}`)
    }
    if (probes.size > 0) access.onProbes({ created: created.length, left, asked: meter.take() })
  }

  function close(): Promise<void> {
    closing ??= removeAll()
    return closing
  }

  if (access.ways.includes('probe')) access.signal.addEventListener('abort', close, { once: true })
  return {
    ways: access.ways,
    of({ name }) {
      const known = insides.get(name) ?? openInside(access, meter.kube, name, () => probes.get(name) ?? probeOf(name))
      insides.set(name, known)
      return known
    },
    close,
  }
}

function openInside(access: InsideAccess, kube: KubeClient, node: string, probe: () => Probe): Inside {
  const batches = new Map<0 | 1, Promise<Batch>>()
  let pods: Promise<readonly ToolPod[]> | undefined
  const having = new Map<Tool, ToolPod>()

  async function inProbe(command: readonly [string, ...string[]], signal: AbortSignal, what: string) {
    const { namespace } = access.probe
    const pod = await probe().pod()
    // How long a pod takes to start is the probe's own matter.
    const late = AbortSignal.timeout(BATCH_MS)
    // The batch says nothing until it has all: its silence is work.
    const options = { signal: AbortSignal.any([signal, late]), timeout: BATCH_MS }
    const execution = execute(kube, { namespace, pod, container: 'probe', command }, options)
    const running = await unlessLate(late, `The probe of node ${node}`, execution)
    return { ...running, way: 'probe', request: `exec ${what} in ${namespace}/${pod}`, late } as const
  }

  async function runBatch(sample: 0 | 1): Promise<Batch> {
    // Whoever has read the last file does not wait for the end of the connection.
    const read = new AbortController()
    const signal = AbortSignal.any([access.signal, read.signal])
    const running = await inProbe(batchCommand(sample, access.groups[sample]), signal, `the batch of sample ${sample}`)
    const reading = readBatch(running.stdout).finally(() => read.abort())
    const { files, bytes, truncated, began } = await unlessLate(running.late, `The probe of node ${node}`, reading)
    access.signal.throwIfAborted()
    if (files.size === 0) throw running.late.aborted ? tooLate(`The probe of node ${node}`) : emptyHanded(node, running)
    let cost: AskedFor = { requests: 1, bytes }
    return {
      truncated,
      request: running.request,
      at: new Date(),
      monotonicMs: Math.round(began * 1000) / 1000,
      take(collector) {
        const taken = files.get(collector) ?? []
        files.delete(collector)
        return taken
      },
      cost() {
        const told = cost
        cost = { requests: 0, bytes: 0 }
        return told
      },
    }
  }

  async function runTool([tool, ...words]: readonly [Tool, ...string[]], signal: AbortSignal): Promise<Running> {
    pods ??= findToolPods(kube, node, access.signal)
    const found = having.get(tool)
    let failure: unknown
    for (const pod of found ? [found] : await pods) {
      try {
        const running = await begin(kube, pod, [PATHS[tool], ...words], signal)
        having.set(tool, pod)
        return running
      } catch (error) {
        if (!isMissing(error)) throw error
        failure = error
      }
    }
    throw failure
  }

  return {
    batch(sample) {
      const known = batches.get(sample) ?? runBatch(sample)
      batches.set(sample, known)
      return known
    },
    run: runTool,
    shell: (command, signal) => inProbe(['sh', '-c', command], signal, command),
  }
}

/** Resolves when the program says something or has ended well; throws what the runtime says of one that is not there. */
async function begin(
  kube: KubeClient,
  pod: ToolPod,
  command: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<Running> {
  const late = AbortSignal.timeout(COMMAND_MS)
  const executing = execute(kube, { ...pod, command }, { signal: AbortSignal.any([signal, late]) })
  const execution = await unlessLate(late, `${command[0]} in ${pod.namespace}/${pod.pod}`, executing)
  const source = execution.stdout[Symbol.asyncIterator]()
  const first = await source.next()
  if (first.done) execution.ended()
  return {
    stdout: rejoin(first, source),
    ended: execution.ended,
    way: 'exec',
    request: `exec ${command.join(' ')} in ${pod.namespace}/${pod.pod}`,
  }
}

async function* rejoin(first: IteratorResult<Buffer>, source: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    for (let next = first; !next.done; next = await source.next()) yield next.value
  } finally {
    await source.return?.()
  }
}

/** The words of containerd and runc, and of CRI-O, for a program that an image does not have. */
function isMissing(error: unknown): boolean {
  return error instanceof KubeError && /no such file or directory|executable file not found/i.test(error.message)
}

/** What fails because its own time was over says so, and as a failure of the node: whoever has another way takes it. */
async function unlessLate<T>(late: AbortSignal, who: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw late.aborted ? tooLate(who) : error
  }
}

function tooLate(who: string): KubeError {
  return new KubeError({ message: `${who} did not answer in time.`, status: 0, reason: 'Timeout' })
}

function emptyHanded(node: string, running: Running): KubeError {
  const { exitCode, stderr } = running.ended()
  const words = stderr.trim().split('\n')[0] ?? ''
  return new KubeError({
    message: `The batch on node ${node} gave nothing (exit code ${exitCode}): ${words}`,
    status: 0,
    reason: 'ExecFailed',
  })
}
