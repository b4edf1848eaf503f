import pLimit from 'p-limit'
import type { Close, CollectContext, Collector, Evidence } from '../src/collector.ts'
import { KubeError } from '../src/sources/kube/client.ts'
import type { Inside, Running } from '../src/sources/node/inside.ts'
import { unpack } from '../src/sources/node/read-batch.ts'
import { askInside, placeOf } from './ask-inside.ts'
import { summariseConnections } from './connection-summary.ts'
import { monotonicNow } from './obtained.ts'

/** Bytes of the table that are read, some 160,000 entries: in the order of a hash, so that they are a fair sample of all. */
const TABLE_BYTES = 32 * 1024 * 1024

const SYSCTL = '/proc/sys/net/netfilter/nf_conntrack'

/** The kernel's table of connections: how full it is, what it dropped, and what it sums up to. */
export const conntrack: Collector = {
  id: 'conntrack',
  title: 'Connections tracked by the kernel',
  volatility: 1,
  scope: 'node',
  sampled: true,
  ways: ['exec', 'probe'],
  reads: [],
  async *collect(context) {
    yield* askInside(context, conntrack, {
      exec: [
        {
          file: 'sysctl.txt',
          reads: [
            `${SYSCTL}_count`,
            `${SYSCTL}_max`,
            `${SYSCTL}_buckets`,
            `${SYSCTL}_tcp_be_liberal`,
            `${SYSCTL}_tcp_timeout_established`,
            `${SYSCTL}_tcp_timeout_time_wait`,
            `${SYSCTL}_tcp_timeout_close_wait`,
            `${SYSCTL}_udp_timeout`,
            `${SYSCTL}_udp_timeout_stream`,
          ],
        },
        { file: 'cpus.txt', reads: ['/proc/net/stat/nf_conntrack'] },
        { file: 'statistics.txt', run: ['conntrack', '-S'] },
      ],
    })
    if (context.sample === 0) yield* sumUp(context)
  },
}

/** A whole table is in memory until it is in the bundle: that of two nodes at once, however many are asked. */
const wholeTables = pLimit(2)

/** Waits for a turn, and gives what ends it. */
function takeTurn(): Promise<() => void> {
  return new Promise((begin) => void wholeTables(() => new Promise<void>((leave) => begin(leave))))
}

/** The table itself is read once: it is long, and its counters say what changes. */
async function* sumUp(context: CollectContext): AsyncGenerator<Evidence | Close> {
  const leave = context.settings.full ? await takeTurn() : () => {}
  try {
    yield* sumUpTable(context)
  } finally {
    leave()
  }
}

async function* sumUpTable(context: CollectContext): AsyncGenerator<Evidence | Close> {
  if (context.target.kind !== 'node') return
  const { name } = context.target.node
  const { folder, ...place } = placeOf(context, conntrack, name)
  const scope = { ...place.scope, path: 'connections' }
  const read = await readTable(context, context.insides.of({ name }))
  const obtained = { request: read.request, at: new Date().toISOString(), way: read.way, monotonicMs: monotonicNow() }
  const summary = Buffer.from(`${JSON.stringify(read.summary, null, 1)}\n`)
  yield {
    type: 'evidence',
    scope,
    path: `${folder}/connections.json`,
    body: summary,
    content: { type: 'connections' },
    obtained,
  }
  if (read.table.length > 0) {
    const cut = read.summary.whole ? {} : { truncated: `only the first ${TABLE_BYTES} bytes are kept` }
    const body = Buffer.concat(read.table)
    yield {
      type: 'evidence',
      scope,
      path: `${folder}/table.txt`,
      body,
      content: { type: 'connections' },
      obtained: { ...obtained, ...cut },
    }
  }
  const { entries, whole } = read.summary
  if (whole) yield { type: 'close', scope, status: entries > 0 ? 'complete' : 'empty', cost: read.cost }
  else
    yield {
      type: 'close',
      scope,
      status: 'truncated',
      reason: `${entries} entries were read, in the order of their hash, and not the rest`,
      cost: read.cost,
    }
}

async function readTable(context: CollectContext, inside: Inside) {
  const summary = summariseConnections()
  const table: Buffer[] = []
  const origin = { request: '', way: '' }
  const cost = { requests: 0, bytes: 0 }
  let whole = true
  let left = TABLE_BYTES
  for await (const running of openTable(context, inside)) {
    const { request, way } = running
    cost.requests++
    if (origin.way === '') Object.assign(origin, { request, way })
    const lines = createLines(summary.add)
    for await (const chunk of unpack(running.stdout)) {
      lines.add(chunk)
      if (context.settings.full) table.push(chunk)
      left -= chunk.length
      cost.bytes += chunk.length
      if (left <= 0) break
    }
    if (left <= 0) {
      whole = false
      break
    }
    const { exitCode, stderr } = running.ended()
    if (exitCode !== 0) throw failed(stderr.trim().split('\n')[0] || `exit code ${exitCode}`)
    lines.end()
  }
  return { ...origin, cost, table, summary: summary.finish(whole) }
}

/** In the probe both families at once, packed; else one after the other, as conntrack gives them. */
async function* openTable({ insides, signal }: CollectContext, inside: Inside): AsyncGenerator<Running> {
  if (insides.ways.includes('probe')) {
    const running = await inside.shell(IN_PROBE, signal).catch((error: unknown) => {
      if (!(error instanceof KubeError) || !insides.ways.includes('exec')) throw error
      return undefined
    })
    if (running) return yield running
  }
  yield await inside.run(['conntrack', '-L'], signal)
  yield await inside.run(['conntrack', '-L', '-f', 'ipv6'], signal)
}

/** The program asks by netlink; the file is there only where the kernel was built with it, and not all are. */
const IN_PROBE = `pack=cat; command -v gzip >/dev/null && pack='gzip -1'
if chroot /host conntrack -V >/dev/null 2>&1
then for family in ipv4 ipv6; do timeout 30 chroot /host conntrack -L -f $family 2>/dev/null; done
else timeout 30 cat /proc/net/nf_conntrack
fi | head -c ${TABLE_BYTES + 1} | $pack`

/** Splits what comes in pieces into lines. */
function createLines(take: (line: string) => void) {
  let rest = ''
  return {
    add(chunk: Buffer): void {
      const lines = (rest + chunk.toString('latin1')).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line !== '') take(line)
    },
    end(): void {
      if (rest !== '') take(rest)
    },
  }
}

function failed(why: string): KubeError {
  return new KubeError({ message: `The table of connections cannot be read: ${why}`, status: 0, reason: 'ExecFailed' })
}
