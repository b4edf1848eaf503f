import type { BundleReader } from '../../bundle/reader.ts'
import { compareText } from '../compare-text.ts'
import { type NodeKernel, readNodeKernel } from './node.ts'

/** What the kernels and drivers of nodes count of their network, of those nodes that were asked. */
export interface Kernel {
  /** By name. */
  readonly nodes: readonly NodeKernel[]
  of(node: string): NodeKernel | undefined
}

/** Where the counters of the kernel and those of interfaces lie. */
const FILE = /^nodes\/([^/]+)\/[01]\/(?:kernel-network|ena)\/([^/]+)$/

/** `eth0.statistics.txt`: a name has 15 characters at most (Linux, IFNAMSIZ). */
const STATISTICS = /^([^/]{1,15})\.statistics\.txt$/

/** A machine of EC2 has 15 interfaces and, with its trunks, not many more. */
const MOST_DEVICES = 128

/** Reads them, one node after the other. */
export async function readKernel(bundle: BundleReader): Promise<Kernel> {
  const devices = new Map<string, Set<string>>()
  for (const path of bundle.files.keys()) {
    const [, node, file = ''] = FILE.exec(path) ?? []
    if (node === undefined) continue
    const known = devices.get(node) ?? new Set<string>()
    devices.set(node, known)
    const device = path.includes('/ena/') ? STATISTICS.exec(file)?.[1] : undefined
    if (device !== undefined && known.size < MOST_DEVICES) known.add(device)
  }
  const nodes: NodeKernel[] = []
  for (const [node, names] of [...devices].sort(([a], [b]) => compareText(a, b)))
    nodes.push(await readNodeKernel(bundle, node, [...names].sort(compareText)))
  const byName = new Map(nodes.map((one) => [one.node, one]))
  return { nodes, of: (node) => byName.get(node) }
}
