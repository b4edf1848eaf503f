import { setTimeout as sleep } from 'node:timers/promises'
import { type KubeClient, KubeError } from '../../kube/client.ts'
import { forgive } from '../../kube/forgive.ts'
import {
  archivePath,
  type Completed,
  DIAGNOSTICS,
  type DiagnosticObject,
  diagnosticObject,
  LABELS,
  RUN_LABEL,
  stateOf,
} from './diagnostic-object.ts'
import type { CollectedLogs } from './diagnostics.ts'

/** An agent watches for objects of its node's name; one that has not said by then that it is at work is not there, or not well. */
const TAKE_UP_MS = 45_000

/**
 * An agent usually has all within three minutes. Since 1.6 each of its commands ends after a minute and all of it after twenty; one before may hang
 * for ever.
 */
const DONE_MS = 4 * 60_000

/** Between two looks. */
const POLL_MS = 2000

/** Milliseconds for one request; what is under way when the run ends is waited for, so that nothing is created behind its back. */
const REQUEST_MS = 15_000

/** Time to remove it when the run is ended early; the next run removes what is left then. */
const REMOVE_MS = 1500

/** What a NodeDiagnostic is made with. */
export interface DiagnosticAccess {
  readonly kube: Pick<KubeClient, 'get' | 'post' | 'delete'>
  /** Tells the objects of this run from those of others. */
  readonly run: string
  /** The end of the run. */
  readonly signal: AbortSignal
}

/** The NodeDiagnostic of one node. */
export interface Diagnostic {
  collect(signal: AbortSignal): Promise<CollectedLogs>
  /** Whether there may be something to remove. */
  wasCreated(): boolean
  /** Removes it, also where it is still being created; throws where it could not be done in time. */
  remove(): Promise<void>
}

/** Plans the NodeDiagnostic of a node; nothing is asked yet. One of that name that somebody else has created is never touched. */
export function openDiagnostic({ kube, run, signal: ending }: DiagnosticAccess, node: string): Diagnostic {
  const own = `${DIAGNOSTICS}/${encodeURIComponent(node)}`
  let creating: Promise<string | undefined> | undefined
  let isCreated = false
  let removing: Promise<void> | undefined

  async function create(): Promise<string | undefined> {
    creating = post()
    const uid = await creating.catch((error) => {
      // What was refused is not there, and nothing must be said of it.
      if (isRefused(error)) creating = undefined
      throw error
    })
    isCreated = true
    return uid
  }

  async function post(): Promise<string | undefined> {
    // The end of the run does not break it off.
    const options = { signal: AbortSignal.timeout(2 * REQUEST_MS), timeout: REQUEST_MS, verb: 'create' } as const
    try {
      return uidOf((await kube.post(DIAGNOSTICS, diagnosticObject(node, run), options)).body)
    } catch (error) {
      if (!(error instanceof KubeError) || error.status !== 409) throw error
      const known = await read(options.signal)
      // An earlier try has created it, and only its answer was lost.
      if (known?.metadata.labels?.[RUN_LABEL] === run) return known.metadata.uid
      throw occupied(node, known)
    }
  }

  /** Undefined where there is none any more. */
  async function read(signal: AbortSignal): Promise<DiagnosticObject | undefined> {
    try {
      return JSON.parse((await kube.get(own, { signal, verb: 'get' })).body.toString()) as DiagnosticObject
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return undefined
      throw error
    }
  }

  async function untilDone(uid: string | undefined, signal: AbortSignal): Promise<Completed> {
    for (const began = performance.now(); ; await sleep(POLL_MS, undefined, { signal })) {
      const found = await read(signal)
      if (!found) throw failed('somebody has deleted its NodeDiagnostic', 'Gone')
      if (found.metadata.uid !== uid)
        throw failed('somebody has put another in the place of its NodeDiagnostic', 'Gone')
      const state = stateOf(found)
      if (typeof state === 'object') return state
      const waited = performance.now() - began
      if (state === 'none' && waited > TAKE_UP_MS)
        throw failed(`it has not taken the request up within ${TAKE_UP_MS / 1000} s`, 'Timeout')
      if (waited > DONE_MS) throw failed(`it was still at work after ${DONE_MS / 60_000} min`, 'Timeout')
    }
  }

  function failed(why: string, reason: string): KubeError {
    const message = `The node monitoring agent of node ${node} left no logs: ${why}.`
    return new KubeError({ message, status: 0, reason })
  }

  async function removeOnce(): Promise<void> {
    const time = ending.aborted ? REMOVE_MS : REQUEST_MS
    const created = creating?.catch(() => undefined)
    const known = await Promise.race([created, sleep(time, undefined, { ref: false })])
    const signal = AbortSignal.timeout(time)
    const uid = known ?? (await uidOfOwn(signal))
    if (uid !== undefined) return removeThis(uid, signal)
    if (isCreated || !creating) return
    // It may come yet, and is removed then if there is anybody to do so.
    creating
      .then((late) => (late === undefined ? undefined : removeThis(late, AbortSignal.timeout(REQUEST_MS))))
      .catch(() => {})
    throw new KubeError({ message: 'its creation was not answered, and it may come yet', status: 0, reason: 'Timeout' })
  }

  async function removeThis(uid: string, signal: AbortSignal): Promise<void> {
    // One of the same name that came since is another's (409, the precondition).
    const body = { preconditions: { uid } }
    await kube.delete(own, body, { signal, verb: 'delete' }).catch(forgive(404, 409))
  }

  async function uidOfOwn(signal: AbortSignal): Promise<string | undefined> {
    const found = await read(signal)
    return found?.metadata.labels?.[RUN_LABEL] === run ? found.metadata.uid : undefined
  }

  return {
    async collect(signal) {
      signal.throwIfAborted()
      const uid = await create()
      const { reason, message } = await untilDone(uid, AbortSignal.any([signal, ending]))
      if (reason === 'Failure') throw failed(message.replace(/\.$/, ''), 'DiagnosticFailed')
      return { path: archivePath(node), complaint: reason === 'Success' ? undefined : message }
    },
    wasCreated: () => creating !== undefined,
    async remove() {
      if (!creating) return
      // What failed once, another try may do.
      removing ??= removeOnce().catch((error) => {
        removing = undefined
        throw error
      })
      // What was begun before the run was ended early has no more time than what begins now.
      await (ending.aborted ? inTime(removing) : removing)
    },
  }
}

async function inTime(removing: Promise<void>): Promise<void> {
  const late = Symbol('late')
  const first = await Promise.race([removing, sleep(REMOVE_MS * 2, late, { ref: false })])
  if (first === late) throw new KubeError({ message: 'it was not answered in time', status: 0, reason: 'Timeout' })
}

function uidOf(body: Buffer): string | undefined {
  return (JSON.parse(body.toString()) as DiagnosticObject).metadata.uid
}

/** A definite answer that nothing was created. */
function isRefused(error: unknown): boolean {
  return error instanceof KubeError && error.status >= 400 && error.status < 500
}

/** Of whom the one in the way is, by its labels. */
function occupied(node: string, known: DiagnosticObject | undefined): KubeError {
  const labels = known?.metadata.labels ?? {}
  const isOurs = Object.entries(LABELS).every(([name, value]) => labels[name] === value)
  const whose = isOurs ? 'another run of freezeframe has created' : 'somebody else has created'
  const message = `There is a NodeDiagnostic of node ${node} that ${whose}: it was left alone, and no logs were asked for.`
  return new KubeError({ message, status: 409, reason: 'AlreadyExists' })
}
