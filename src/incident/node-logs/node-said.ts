import type { BundleReader } from '../../bundle/reader.ts'
import { readBatchClock } from '../batch-clock.ts'
import { citeLine } from '../citation.ts'
import type { Identify } from '../counters/cgroups.ts'
import { createLineCutter } from '../logs/line-cutter.ts'
import { templateKey } from '../logs/template-key.ts'
import type { MessageId } from '../messages/index.ts'
import { keyOf, type Ref } from '../reference.ts'
import type { Said } from '../statement.ts'
import { createWhoWasKilled } from './killed-cgroup.ts'
import { listNodeLogs, type NodeLogFile } from './log-files.ts'
import { type LogClock, readNodeLine } from './log-line.ts'
import { isStateOfNode, meaningsOf } from './node-words.ts'

/** Of one node so many different things are kept. */
const MOST_DRAFTS = 300

/** A state that was not said within this time before the log was read is over. */
const STATE_MS = 2 * 60_000

/** A log whose times lie after its reading is in a zone that nobody knows. */
const AHEAD_MS = 5 * 60_000

/**
 * What kernels and kubelets wrote into the logs of their nodes, as statements about the node, or about the pod whose process was killed: each with its
 * time, lines that differ in numbers only as one. What has no time that is known is left out: nobody can say whether it is over.
 */
export async function readNodeSaid(bundle: BundleReader, identify: Identify): Promise<readonly Said[]> {
  const said: Said[] = []
  for (const [, files] of Map.groupBy(listNodeLogs(bundle), ({ node }) => node)) {
    const drafts = new Map<string, Draft>()
    for (const file of files) await readLog(bundle, file, identify, drafts).catch(() => undefined)
    said.push(...[...drafts.values()].map(toSaid))
  }
  return said
}

/** What was said more than once. */
interface Draft {
  readonly id: MessageId
  readonly about: Ref
  readonly file: string
  count: number
  first: number
  last: number
  line: number
  text: string
  words: string
  values: Readonly<Record<string, string>>
}

/** Whatever of a log can be read: a template that an earlier log had counts there alone, because logs of a node have the same lines. */
async function readLog(
  bundle: BundleReader,
  file: NodeLogFile,
  identify: Identify,
  known: Map<string, Draft>,
): Promise<void> {
  const clock = await readClock(bundle, file)
  const drafts = new Map<string, Draft>()
  const whoWasKilled = createWhoWasKilled(identify)
  let latest = ''
  const lines = createLineCutter((bytes, from, to, line) => {
    latest = bytes.toString('latin1', from, to)
    // Most lines mean nothing; how they begin is looked at only of the others.
    if (meaningsOf(file.writer, latest).length === 0) return
    const { at, writer, text } = readNodeLine(bytes.toString('utf8', from, to), clock)
    if (at === undefined || (file.isShared && writer !== file.writer)) return
    for (const { id, values, words } of meaningsOf(file.writer, text)) {
      const about = whoWasKilled(id, values) ?? { kind: 'Node', name: file.node }
      const key = `${id} ${keyOf(about)} ${about.container ?? ''} ${templateKey(text)}`
      add(drafts, key, { id, about, file: file.path, count: 1, first: at, last: at, line, text, words, values })
    }
  })
  for await (const chunk of bundle.stream(file.path)) lines.add(chunk)
  lines.end()
  const times = [readNodeLine(latest, clock).at ?? 0, ...[...drafts.values()].map(({ last }) => last)]
  if (times.some((at) => at > clock.read + AHEAD_MS)) return
  for (const [key, draft] of drafts)
    if (!known.has(key) && known.size < MOST_DRAFTS && !isOver(draft, clock)) known.set(key, draft)
}

/** The last line stands for those before it. */
function add(drafts: Map<string, Draft>, key: string, next: Draft): void {
  const draft = drafts.get(key)
  if (draft) Object.assign(draft, { ...next, count: draft.count + 1, first: Math.min(draft.first, next.first) })
  else if (drafts.size < MOST_DRAFTS) drafts.set(key, next)
}

function isOver({ id, last }: Draft, { read }: LogClock): boolean {
  return isStateOfNode(id) && last < read - STATE_MS
}

/** When a log was read, by the API server's clock, and when the machine started: by its uptime at that moment. */
async function readClock(bundle: BundleReader, { path, folder, name }: NodeLogFile): Promise<LogClock> {
  const { window, files } = bundle.manifest
  const at = Date.parse(files.find((one) => one.path === path)?.obtained.at ?? window.end)
  const read = (Number.isNaN(at) ? Date.parse(window.end) : at) + (window.clockOffsetMs ?? 0)
  const uptime = (await readBatchClock(bundle, folder)).read.get(name)
  return { read, booted: uptime === undefined ? undefined : read - Math.round(uptime * 1000) }
}

/** Characters of a line that are cited at most. */
const LONGEST_TEXT = 1000

function toSaid({ id, about, file, count, first, last, line, text, words, values }: Draft): Said {
  const cite = (some?: string) => citeLine(file, line, some ?? text.slice(0, LONGEST_TEXT))
  return {
    source: 'log',
    about,
    reason: '',
    text: text.slice(0, LONGEST_TEXT),
    count,
    first,
    last,
    cite,
    id,
    values,
    words,
    get citation() {
      return cite(words)
    },
  }
}
