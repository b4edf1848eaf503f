import type { BundleReader } from '../../bundle/reader.ts'
import { compareText } from '../compare-text.ts'
import type { SampleFile } from '../counters/reading.ts'
import { type ConnectionSummary, readSummary } from './connection-summary.ts'
import { type ConnectionTable, readTable } from './connection-table.ts'
import { readKernelFiles } from './kernel-files.ts'

/** The connections that kernels of nodes keep in mind, of those nodes that were asked. */
export interface Connections {
  /** By name. */
  readonly nodes: readonly NodeConnections[]
  of(node: string): NodeConnections | undefined
}

/** What one node keeps in mind. */
export interface NodeConnections {
  readonly node: string
  readonly table: ConnectionTable
  /** What the table held in the first sample; undefined where it was not read. */
  readonly summary: ConnectionSummary | undefined
  /** How many local ports the node itself opens connections from; undefined where that was not read. */
  readonly localPorts: number | undefined
}

const FILE = /^nodes\/([^/]+)\/[01]\/conntrack\/[^/]+$/

const SAMPLES = ['0', '1'] as const

/** Reads what nodes said of their connections, one node after the other. */
export async function readConnections(bundle: BundleReader): Promise<Connections> {
  const names = new Set([...bundle.files.keys()].flatMap((path) => FILE.exec(path)?.[1] ?? []))
  const taken = new Map(bundle.manifest.files.map(({ path, obtained }) => [path, obtained?.monotonicMs]))
  const nodes: NodeConnections[] = []
  for (const node of [...names].sort(compareText)) nodes.push(await readNode(bundle, node, taken))
  const byName = new Map(nodes.map((one) => [one.node, one]))
  return { nodes, of: (node) => byName.get(node) }
}

async function readNode(
  bundle: BundleReader,
  node: string,
  taken: ReadonlyMap<string, number | undefined>,
): Promise<NodeConnections> {
  const sampleOf = (sample: string, name: string): SampleFile | undefined => {
    const file = `nodes/${node}/${sample}/${name}`
    return bundle.files.has(file) ? { file, taken: taken.get(file) } : undefined
  }
  const samples = SAMPLES.map((sample) => ({
    sysctl: sampleOf(sample, 'conntrack/sysctl.txt'),
    cpus: sampleOf(sample, 'conntrack/cpus.txt'),
    statistics: sampleOf(sample, 'conntrack/statistics.txt'),
  }))
  const boots = await Promise.all(SAMPLES.map((sample) => readBoot(bundle, `nodes/${node}/${sample}/conntrack`)))
  return {
    node,
    table: await readTable(bundle, samples, isAnother(boots)),
    summary: await readSummary(bundle, `nodes/${node}/0/conntrack/connections.json`),
    localPorts: await readLocalPorts(bundle, node),
  }
}

/** Since when a node runs. */
interface Boot {
  readonly id: string
  readonly uptime: number
}

/** What the batch of a probe says of it: `# boot_id …`, and in each line the uptime when a command began. Single programs say nothing. */
async function readBoot(bundle: BundleReader, folder: string): Promise<Boot | undefined> {
  const text = await readSmall(bundle, `${folder}/commands.tsv`)
  const id = /^# boot_id ([\da-f-]{36})$/m.exec(text)?.[1]
  const uptime = /^[^\t\n#]+\t[^\t\n]*\t\d+\t(\d+\.\d+)\t/m.exec(text)?.[1]
  return id === undefined ? undefined : { id, uptime: Number(uptime ?? Number.NaN) }
}

function isAnother([before, after]: readonly (Boot | undefined)[]): boolean {
  return before !== undefined && after !== undefined && (before.id !== after.id || after.uptime < before.uptime)
}

/** `32768	60999`, the first and the last port. */
async function readLocalPorts(bundle: BundleReader, node: string): Promise<number | undefined> {
  for (const sample of SAMPLES) {
    const text = await readSmall(bundle, `nodes/${node}/${sample}/kernel-network/sysctl.txt`)
    const range = readKernelFiles(text).get('ip_local_port_range')?.value
    const ports = portsOfRange(range ?? '')
    if (ports !== undefined) return ports
  }
  return undefined
}

/** How many ports a range has, `32768 60999`; undefined for what is none (Documentation/networking/ip-sysctl.rst, ip_local_port_range). */
export function portsOfRange(range: string): number | undefined {
  const [, first, last] = /^\s*(\d{1,5})\s+(\d{1,5})\s*$/.exec(range) ?? []
  const ports = Number(last) - Number(first) + 1
  return Number(last) <= 65_535 && ports > 0 ? ports : undefined
}

/** Settings and lists of commands are some kilobytes. */
const SMALL = 1024 * 1024

async function readSmall(bundle: BundleReader, file: string): Promise<string> {
  const size = bundle.files.get(file)
  if (size === undefined || size > SMALL) return ''
  return bundle.read(file).then(
    (body) => body.toString('latin1'),
    () => '',
  )
}
