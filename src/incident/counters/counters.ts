import type { BundleReader } from '../../bundle/reader.ts'
import { compareText } from '../compare-text.ts'
import type { Ref } from '../reference.ts'
import { sampleFileAt } from '../sample-files.ts'
import { readCgroupFiles } from './cgroup-files.ts'
import { type CgroupCounters, type Identify, latestLives, readCgroups } from './cgroups.ts'
import { type KubeletCounters, readKubelet } from './kubelet.ts'
import { type Machine, readMachine } from './machine.ts'
import { preferRates } from './prefer-rates.ts'
import type { SampleFile } from './reading.ts'
import { type ContainerUsage, type NodeUsage, readSummary } from './summary.ts'

/** What kubelets and kernels count of nodes, pods and containers, of those nodes that were asked. */
export interface Counters {
  /** By name. */
  readonly nodes: readonly NodeCounters[]
  of(node: string): NodeCounters | undefined
  /** Of the latest life of a container, or, without a container's name, of the cgroup around the pod. */
  cgroupOf(pod: Ref, container?: string): CgroupCounters | undefined
  usageOfContainer(pod: Ref, container: string): ContainerUsage | undefined
}

/** What one node answered. */
export interface NodeCounters {
  readonly node: string
  readonly kubelet: KubeletCounters
  /** The latest summary. */
  readonly usage: NodeUsage | undefined
  /** What the kernel says of the whole machine. */
  readonly machine: Machine
  /** Of cAdvisor or of the kernel's own files, whichever was read twice. */
  readonly cgroups: readonly CgroupCounters[]
}

/** Where a summary, the series of cAdvisor and the kubelet's own lie, and the files of the kernel. */
const FILE = /^nodes\/([^/]+)\/([01])\/(?:kubelet-(?:summary|cadvisor|metrics)|throttling)\/[^/]+$/

/** Reads what kubelets answered, one node after the other: a node's files are some megabytes. */
export async function readCounters(bundle: BundleReader, identify: Identify): Promise<Counters> {
  const names = new Set<string>()
  for (const path of bundle.files.keys()) {
    const node = FILE.exec(path)?.[1]
    if (node !== undefined) names.add(node)
  }
  const nodes: NodeCounters[] = []
  for (const node of [...names].sort(compareText)) nodes.push(await readNode(bundle, node, identify))
  return indexCounters(nodes)
}

async function readNode(bundle: BundleReader, node: string, identify: Identify): Promise<NodeCounters> {
  const samplesOf = (path: string): SampleFile[] =>
    ['0', '1'].flatMap((sample) => sampleFileAt(bundle, `nodes/${node}/${sample}/${path}`) ?? [])
  const summaries = await Promise.all(
    samplesOf('kubelet-summary/summary.json').map(({ file }) => readSummary(bundle, file)),
  )
  const [first, last] = [summaries[0], summaries.at(-1) ?? summaries[0]]
  const hasRebooted = first?.booted !== last?.booted
  return {
    node,
    kubelet: await readKubelet(bundle, samplesOf('kubelet-metrics/metrics.txt'), hasRebooted),
    usage: last,
    machine: await readMachine(bundle, (file) => samplesOf(`throttling/${file}`)),
    cgroups: preferRates(
      await readCgroupFiles(bundle, samplesOf('throttling/cgroups.txt'), identify),
      await readCgroups(bundle, samplesOf('kubelet-cadvisor/metrics.txt'), hasRebooted, identify),
    ),
  }
}

function indexCounters(nodes: readonly NodeCounters[]): Counters {
  const byNode = new Map(nodes.map((one) => [one.node, one]))
  const cgroups = latestLives(nodes.flatMap((node) => node.cgroups))
  const usages = new Map(
    nodes.flatMap(({ usage }) => usage?.pods ?? []).map((pod) => [`${pod.namespace}/${pod.name}`, pod]),
  )
  return {
    nodes,
    of: (node) => byNode.get(node),
    cgroupOf: ({ namespace, name }, container = '') => cgroups.get(`${namespace ?? ''}/${name}/${container}`),
    usageOfContainer: (pod, container) =>
      usages.get(`${pod.namespace ?? ''}/${pod.name}`)?.containers.find(({ name }) => name === container),
  }
}
