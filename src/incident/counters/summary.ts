import type { BundleReader } from '../../bundle/reader.ts'
import { readJson } from '../bundle-file.ts'
import { type Citation, pointerOf } from '../citation.ts'
import { listAt, numberAt, recordAt, textAt, timeAt, valueAt } from '../kubernetes.ts'

/** A number of the kubelet's summary, and where it stands. */
export interface Figure {
  readonly value: number
  readonly file: string
  readonly pointer: string
}

/** A filesystem, or what somebody uses of it, in bytes and inodes. */
export interface DiskUsage {
  readonly used: Figure | undefined
  readonly available: Figure | undefined
  readonly capacity: Figure | undefined
  readonly inodesUsed: Figure | undefined
  readonly inodesFree: Figure | undefined
  readonly inodes: Figure | undefined
}

/** Share of the last minute, in percent, in which some task waited (docs.kernel.org/accounting/psi.html). */
export interface Pressure {
  readonly avg60: Figure | undefined
}

/** What a node or a container uses of processor and memory. */
export interface Consumption {
  /** Billionths of a core, of the kubelet's last interval. */
  readonly nanoCores: Figure | undefined
  readonly workingSet: Figure | undefined
}

/** What the kubelet measured of its node. */
export interface NodeUsage extends Consumption {
  /** When the node started, in milliseconds. */
  readonly booted: number | undefined
  readonly pressure: Readonly<Record<'cpu' | 'memory', Pressure>>
  readonly disk: DiskUsage
  readonly imageDisk: DiskUsage
  /** Processes that there are, and may be. */
  readonly processes: Figure | undefined
  readonly mostProcesses: Figure | undefined
  readonly pods: readonly PodUsage[]
}

/** What the kubelet measured of a pod. */
export interface PodUsage {
  readonly namespace: string
  readonly name: string
  /** Writable layers, logs and emptyDir volumes together. */
  readonly ephemeral: DiskUsage
  readonly volumes: readonly VolumeUsage[]
  readonly containers: readonly ContainerUsage[]
}

export interface VolumeUsage extends DiskUsage {
  /** Empty where the volume is no claim's. */
  readonly claim: string
}

export interface ContainerUsage extends Consumption {
  readonly name: string
  readonly rootfs: DiskUsage
  readonly logs: DiskUsage
}

/** A summary has 3 KB a container: more than this is no kubelet's. */
const LONGEST_SUMMARY = 64 * 1024 * 1024

/** Reads a kubelet's summary (k8s.io/kubelet/pkg/apis/stats/v1alpha1); undefined where there is none. */
export async function readSummary(bundle: BundleReader, file: string): Promise<NodeUsage | undefined> {
  const json = await readJson(bundle, file, LONGEST_SUMMARY)
  if (valueAt(json, 'node') === undefined) return undefined
  const look = createLook(file, json)
  return {
    booted: timeAt(json, 'node', 'startTime'),
    ...look.consumption('node'),
    pressure: { cpu: look.pressure('node', 'cpu'), memory: look.pressure('node', 'memory') },
    disk: look.disk('node', 'fs'),
    imageDisk: look.disk('node', 'runtime', 'imageFs'),
    processes: look.figure('node', 'rlimit', 'curproc'),
    mostProcesses: look.figure('node', 'rlimit', 'maxpid'),
    pods: listAt(json, 'pods').map((pod, index) => readPod(look, pod, index)),
  }
}

/** Cites a figure by its place in the summary. */
export function citeFigure({ file, pointer, value }: Figure): Citation {
  return { file, pointer, words: JSON.stringify(value) }
}

function readPod(look: Look, pod: unknown, index: number): PodUsage {
  return {
    namespace: textAt(pod, 'podRef', 'namespace'),
    name: textAt(pod, 'podRef', 'name'),
    ephemeral: look.disk('pods', index, 'ephemeral-storage'),
    volumes: listAt(pod, 'volume').map((volume, at) => ({
      claim: textAt(recordAt(volume, 'pvcRef'), 'name'),
      ...look.disk('pods', index, 'volume', at),
    })),
    containers: listAt(pod, 'containers').map((container, at) => ({
      name: textAt(container, 'name'),
      ...look.consumption('pods', index, 'containers', at),
      rootfs: look.disk('pods', index, 'containers', at, 'rootfs'),
      logs: look.disk('pods', index, 'containers', at, 'logs'),
    })),
  }
}

type Path = readonly (string | number)[]

/** Reads figures of one file by their paths. */
interface Look {
  figure(...path: Path): Figure | undefined
  disk(...path: Path): DiskUsage
  consumption(...path: Path): Consumption
  pressure(...path: Path): Pressure
}

function createLook(file: string, json: unknown): Look {
  const figure = (...path: Path): Figure | undefined => {
    const value = numberAt(json, ...path)
    return value === undefined ? undefined : { value, file, pointer: pointerOf(path) }
  }
  return {
    figure,
    disk: (...path) => ({
      used: figure(...path, 'usedBytes'),
      available: figure(...path, 'availableBytes'),
      capacity: figure(...path, 'capacityBytes'),
      inodesUsed: figure(...path, 'inodesUsed'),
      inodesFree: figure(...path, 'inodesFree'),
      inodes: figure(...path, 'inodes'),
    }),
    consumption: (...path) => ({
      nanoCores: figure(...path, 'cpu', 'usageNanoCores'),
      workingSet: figure(...path, 'memory', 'workingSetBytes'),
    }),
    pressure: (...path) => ({ avg60: figure(...path, 'psi', 'some', 'avg60') }),
  }
}
