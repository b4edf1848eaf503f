import type { BundleReader } from '../../bundle/reader.ts'
import { isOtherBoot, readBatchClock } from '../batch-clock.ts'
import { readText } from '../bundle-file.ts'
import { findSamples, sampleFileAt } from '../sample-files.ts'
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

const SAMPLES = ['0', '1'] as const

/** Reads what nodes said of their connections, one node after the other. */
export async function readConnections(bundle: BundleReader): Promise<Connections> {
  const nodes: NodeConnections[] = []
  for (const { owner } of findSamples(bundle, 'conntrack')) nodes.push(await readNode(bundle, owner))
  const byName = new Map(nodes.map((one) => [one.node, one]))
  return { nodes, of: (node) => byName.get(node) }
}

async function readNode(bundle: BundleReader, node: string): Promise<NodeConnections> {
  const folders = SAMPLES.map((sample) => `nodes/${node}/${sample}/conntrack`)
  const samples = folders.map((folder) => ({
    sysctl: sampleFileAt(bundle, `${folder}/sysctl.txt`),
    cpus: sampleFileAt(bundle, `${folder}/cpus.txt`),
    statistics: sampleFileAt(bundle, `${folder}/statistics.txt`),
  }))
  const [before, after] = await Promise.all(folders.map((folder) => readBatchClock(bundle, folder)))
  const hasRebooted = before !== undefined && after !== undefined && isOtherBoot(before, after)
  return {
    node,
    table: await readTable(bundle, samples, hasRebooted),
    summary: await readSummary(bundle, `nodes/${node}/0/conntrack/connections.json`),
    localPorts: await readLocalPorts(bundle, node),
  }
}

/** Settings are some kilobytes. */
const LONGEST = 1024 * 1024

/** `32768	60999`, the first and the last port. */
async function readLocalPorts(bundle: BundleReader, node: string): Promise<number | undefined> {
  for (const sample of SAMPLES) {
    const text = (await readText(bundle, `nodes/${node}/${sample}/kernel-network/sysctl.txt`, LONGEST)) ?? ''
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
