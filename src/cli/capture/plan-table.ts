import type { CapturePlan, PlannedOption, PlannedSource } from '../../capture/options.ts'
import type { Paint } from '../shell.ts'
import { alignRows, clip, countOf, describeScope, formatBytes, formatCount, printable, wrap } from '../text.ts'

/** Width that fits every terminal, and what the figures leave of it for a source's name. */
const WIDTH = 80
const NAME_WIDTH = 38

/** What each band of the order of volatility means (RFC 3227, the most volatile first). */
const BANDS: Readonly<Record<number, string>> = {
  0: 'recorded while the capture runs',
  1: 'dies in seconds',
  2: 'dies with the next restart',
  3: 'dies within minutes to an hour',
  4: 'dies with its node',
  5: 'dies within hours',
  6: 'lives for days',
}

/** The plan as a table by band and collector, then what is denied and what that costs. */
export function drawPlan(plan: CapturePlan, paint: Paint): string {
  const text = [
    ...drawHead(plan),
    '',
    ...drawTable(plan.sources, paint),
    '',
    drawTotals(plan.sources),
    ...drawWays(plan.sources),
    ...drawOptions(plan.options, paint),
    ...drawDenied(plan.sources, paint),
  ]
  return `${text.map((line) => clip(line, WIDTH)).join('\n')}\n`
}

function drawHead({ cluster, identity }: CapturePlan): string[] {
  const groups = identity.groups.length > 0 ? ` (${identity.groups.join(', ')})` : ''
  return [
    `Cluster ${cluster.name}, ${cluster.server}, ${cluster.version ?? 'version unknown'}`,
    `Identity ${identity.username ?? 'unknown'}${groups}`,
  ].map(printable)
}

/** A row belongs below a heading, which is the same for the rows of one collector. */
interface Row {
  readonly band: number
  readonly collector: string
  readonly cells: readonly string[]
}

function drawTable(sources: readonly PlannedSource[], paint: Paint): string[] {
  const byBand = [...sources].sort((a, b) => a.band - b.band)
  const collectors = Map.groupBy(byBand, (source) => source.collector)
  const rows = [...collectors.values()].flatMap((own) => drawCollector(own, paint))
  const [head = '', ...lines] = alignRows(
    [HEAD.map((title) => paint('dim', title)), ...rows.map((row) => row.cells)],
    [1, 2, 3],
  )
  return [head, ...rows.flatMap((row, index) => [...drawHeading(row, rows[index - 1], paint), lines[index] ?? ''])]
}

const HEAD = ['    source', 'objects', 'requests', 'bytes', 'access']

function drawHeading(row: Row, above: Row | undefined, paint: Paint): string[] {
  const band = `Band ${row.band}: ${BANDS[row.band] ?? ''}`
  return [
    ...(row.band === above?.band ? [] : [paint('bold', band)]),
    ...(row.collector === above?.collector ? [] : [`  ${row.collector}`]),
  ]
}

/** Most clusters serve dozens of resources of which there are no objects: together they are one row. */
function drawCollector(sources: readonly PlannedSource[], paint: Paint): Row[] {
  const [{ band, collector }] = sources as readonly [PlannedSource]
  const empty = sources.filter(isEmpty)
  const folded = empty.length > 1 ? empty : []
  const cells = sources.filter((source) => !folded.includes(source)).map((source) => drawSource(source, paint))
  if (folded.length > 0) {
    cells.push([`    ${folded.length} that hold nothing`, '0', formatCount(sum(folded, 'requests')), '0 B', 'allowed'])
  }
  return cells.map((row) => ({ band, collector, cells: row }))
}

function isEmpty({ objects, access }: PlannedSource): boolean {
  return objects === 0 && access === 'allowed'
}

function drawSource(one: PlannedSource, paint: Paint): string[] {
  const access = { allowed: 'allowed', denied: paint('red', 'denied'), unknown: paint('yellow', 'unknown') }[one.access]
  return [
    `    ${clip(printable(describeScope(one.scope)), NAME_WIDTH)}`,
    one.objects === null ? '?' : formatCount(one.objects),
    one.requests === null ? '?' : formatCount(one.requests),
    one.bytes === null ? '?' : formatBytes(one.bytes),
    access,
  ]
}

function sum(sources: readonly PlannedSource[], figure: 'objects' | 'requests' | 'bytes'): number {
  return sources.reduce((total, source) => total + (source[figure] ?? 0), 0)
}

function drawTotals(sources: readonly PlannedSource[]): string {
  const [objects, requests] = [countOf(sum(sources, 'objects'), 'object'), countOf(sum(sources, 'requests'), 'request')]
  return `Expected, beside the logs: ${objects}, ${requests}, ${formatBytes(sum(sources, 'bytes'))} to read`
}

/** The ways to what is on nodes, and what another tier of permissions would add; what is alike for several sources is said once. */
function drawWays(sources: readonly PlannedSource[]): string[] {
  const onNodes = sources.filter(({ ways }) => ways !== undefined)
  if (onNodes.length === 0) return []
  const byWays = Map.groupBy(onNodes, ({ ways = [] }) => ways.map((way) => WAYS[way]).join(', else ') || 'no way')
  const nexts = new Set(onNodes.flatMap(({ next }) => (next ? [`  --tier ${next.tier}: ${next.adds}`] : [])))
  const lines = [...byWays].flatMap(([ways, own]) => [
    `  ${ways}`,
    ...wrap([...new Set(own.map(({ collector }) => collector))].join(', '), WIDTH - 4).map((line) => `    ${line}`),
  ])
  const more = nexts.size === 0 ? [] : ['The next tier would add (see freezeframe permissions):', ...nexts]
  return ['Ways to what is on nodes:', ...lines, ...more]
}

/** What only an option opens: who may, and what it would bring; who may not, which rights are missing. */
function drawOptions(options: readonly PlannedOption[], paint: Paint): string[] {
  if (options.length === 0) return []
  const rows = options.map((one) => [`  ${one.option}`, drawAccess(one, paint)])
  const heads = alignRows(rows, [])
  const lines = options.flatMap((one, index) => [
    heads[index] ?? '',
    ...wrap(tellOption(one), WIDTH - 4).map((line) => `    ${line}`),
  ])
  return ['Ways that only an option opens:', ...lines]
}

function drawAccess({ access, isOpen }: PlannedOption, paint: Paint): string {
  const words = {
    allowed: 'allowed',
    denied: paint('red', 'denied'),
    unknown: paint('yellow', 'unknown'),
    unserved: '-',
  }
  return `${words[access]}${isOpen ? ', asked for' : ''}`
}

function tellOption({ access, isOpen, adds, lacks }: PlannedOption): string {
  if (access === 'unserved') return 'the cluster has no node monitoring agent of EKS'
  const brings = `${isOpen && access !== 'denied' ? 'brings' : 'would bring'} ${adds}`
  return printable(lacks.length === 0 ? brings : `${brings}; lacks ${lacks.join(', ')}`)
}

const WAYS = {
  direct: "at the node's address",
  'port-forward': 'by port-forward',
  proxy: 'by the API server',
  probe: 'by a Job on each node, which is deleted afterwards',
  exec: 'by single programs in pods of the system',
  'node-diagnostic': 'by the node monitoring agent of each node, which a NodeDiagnostic asks',
} as const

function drawDenied(sources: readonly PlannedSource[], paint: Paint): string[] {
  const denied = sources.filter((source) => source.access === 'denied')
  if (denied.length === 0) return ['Nothing is denied.']
  return [
    paint('red', `Denied: ${countOf(denied.length, 'source')}`),
    ...new Set(denied.map((one) => `  ${printable(one.loss ?? describeScope(one.scope))}`)),
    'The role that allows all of it: freezeframe permissions | kubectl apply -f -',
  ]
}
