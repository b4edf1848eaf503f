import type { LedgerLine } from '../../bundle/format.ts'
import type { BundleReader } from '../../bundle/reader.ts'
import { notInBundle, Refusal } from '../refusal.ts'
import type { LogPod } from './pod.ts'

/** A log that was looked for: of a container's current instance, or of the one before. */
export interface WantedLog {
  readonly pod: LogPod
  readonly container: string
  readonly previous: boolean
}

/**
 * Why a log is not in the bundle, in the words of the ledger; undefined where it says that there was nothing in it, and for a pod without a
 * node, of which the API server answers nothing (kubernetes, LogLocation). What the server or the kubelet said of a container without a log
 * is answered as they did; anything else says that it is the bundle that lacks it.
 */
export function explainMissing(bundle: BundleReader, log: WantedLog): Refusal | undefined {
  const lines = bundle.manifest.ledger.filter((line) => isAbout(line, log))
  if (lines.length === 0) return log.pod.isScheduled ? explainUnasked(bundle, log) : undefined
  if (lines.every(({ status, reason }) => status === 'empty' && reason === undefined)) return undefined
  const said = lines.find((line) => isServersAnswer(line, log))
  if (said) return new Refusal(400, 'BadRequest', reasonOf(said))
  const isDenied = lines.some(({ status }) => status === 'denied')
  return absent(log, `${quote(lines)}${describeOther(lines)}${describeCut(bundle)}`, isDenied)
}

function isAbout({ scope }: LedgerLine, { pod, container, previous }: WantedLog): boolean {
  return (
    scope?.resource === 'pods/log' &&
    scope.namespace === pod.namespace &&
    scope.name === pod.name &&
    scope.container === container &&
    (scope.previous === true) === previous
  )
}

/** 400 with a sentence of the kubelet's (validateContainerLogStatus): not started, no earlier instance, removed. */
function isServersAnswer({ status, reason }: LedgerLine, { pod, container }: WantedLog): boolean {
  if (status === 'gone') return reason === `container "${container}" in pod "${pod.name}" is terminated`
  return status === 'empty' && reason !== undefined
}

/** Nothing in the ledger is about this very log: its pod was not chosen, or there was no such instance when its pod was. */
function explainUnasked(bundle: BundleReader, log: WantedLog): Refusal {
  const { pod, container, previous } = log
  if (previous && !pod.restarted.has(container)) {
    return new Refusal(400, 'BadRequest', `previous terminated container "${container}" in pod "${pod.name}" not found`)
  }
  const asked = `it was never asked for${describeArguments(bundle.manifest.arguments)}`
  const policy = bundle.manifest.ledger.filter(isPolicy)
  const isUnknown = policy.length === 0 && !pod.reported.has(container)
  const why = isUnknown ? 'its pod did not report this container yet' : quote(policy)
  return absent(log, `${asked}: ${why}${describeCut(bundle)}`, false)
}

/** Lines about logs as such: what `--logs`, `--only` or `--skip` left out, or what kept everybody from asking. */
function isPolicy({ collector, scope }: LedgerLine): boolean {
  return collector === 'logs' && scope?.name === undefined
}

function describeArguments({ logs, since }: BundleReader['manifest']['arguments']): string {
  const words = [...(isText(logs) ? [`--logs ${logs}`] : []), ...(isText(since) ? [`--since ${since}`] : [])]
  return words.length === 0 ? '' : ` (${words.join(' ')})`
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function absent({ pod, container, previous }: WantedLog, why: string, isDenied: boolean): Refusal {
  const what = `${previous ? 'the previous log' : 'the log'} of container "${container}" in pod "${pod.name}"`
  return notInBundle(what, why, { isDenied, details: { name: pod.name, kind: 'pods' } })
}

/** A Status is read by people: of a ledger that repeats itself, or goes on and on, so much is enough. */
const MOST_LINES = 5
const LONGEST_REASON = 1000

function quote(lines: readonly LedgerLine[]): string {
  const said = lines.map((line) => (line.reason === undefined ? line.status : `${line.status}: ${reasonOf(line)}`))
  return [...new Set(said)].slice(0, MOST_LINES).join('; ') || 'the ledger does not say why'
}

function reasonOf({ reason }: LedgerLine): string {
  return String(reason).slice(0, LONGEST_REASON)
}

/** The ledger knows pods by name, the bundle by uid: a pod of the same name may have come in between. */
function describeOther(lines: readonly LedgerLine[]): string {
  const other = lines.flatMap(({ files }) => files ?? [])[0]
  return other === undefined ? '' : `; it accounts for ${other}, which may be of another pod of that name`
}

function describeCut({ truncated }: BundleReader): string {
  return truncated === undefined ? '' : `; of the bundle, ${truncated}`
}
