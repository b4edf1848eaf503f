import type { BundleReader } from '../bundle/reader.ts'
import type { LogSummary } from './logs/log-summary.ts'
import { summariseLog } from './logs/summarise.ts'

/** A container's log in the bundle, summarised. */
export interface ContainerLog {
  readonly namespace: string
  readonly pod: string
  readonly podUid: string
  readonly container: string
  /** The instance before the last restart. */
  readonly previous: boolean
  readonly summary: LogSummary
}

/** `logs/<namespace>/<pod>/<pod uid>/<container>.log`. */
const LOG = /^logs\/([^/]+)\/([^/]+)\/([^/]+)\/([^/]+?)(\.previous)?\.log$/

/** Reads every log once, streaming. One that cannot be read is left out: the ledger's word stands. */
export async function readLogs(bundle: BundleReader): Promise<readonly ContainerLog[]> {
  const logs: ContainerLog[] = []
  for (const path of [...bundle.files.keys()].sort()) {
    const [, namespace = '', pod = '', podUid = '', container = '', previous] = LOG.exec(path) ?? []
    if (container === '') continue
    const summary = await summariseLog(path, bundle.stream(path)).catch(() => undefined)
    if (summary) logs.push({ namespace, pod, podUid, container, previous: previous !== undefined, summary })
  }
  return logs
}
