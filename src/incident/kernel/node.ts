import type { BundleReader } from '../../bundle/reader.ts'
import { type BatchClock, isOtherBoot, readBatchClock } from '../batch-clock.ts'
import { type Growth, growthOf, type Reading } from '../counters/reading.ts'
import { obtainedOf } from '../sample-files.ts'
import { type Allowance, type AllowanceReadings, readAllowances } from './allowances.ts'
import { readLines } from './lines.ts'
import { type Namespaces, readNamespaces } from './namespaces.ts'
import { type Family, type NeighbourColumn, type NeighbourReadings, readNeighbours } from './neighbours.ts'
import type { KernelFile } from './sample.ts'
import { readSettings, type Setting, type SettingReadings } from './settings.ts'
import { createTableScanner, type TcpCounter, type TcpReadings } from './tables.ts'

/** A counter of a kernel or of a driver: its latest reading, and what it grew by where two samples tell. */
export interface Tracked {
  readonly last: Reading
  readonly growth: Growth | undefined
}

/** A counter of one interface. */
export interface TrackedDevice extends Tracked {
  readonly device: string
}

/** What the kernel of a node counts of its network. */
export interface NodeKernel {
  readonly node: string
  /** Of the node's own network namespace: what the pods of the host's network share. */
  tcp(counter: TcpCounter): Tracked | undefined
  /** Of the network namespace of a pod that has one of its own; by the pod's uid. */
  tcpOfPod(podUid: string, counter: TcpCounter): Tracked | undefined
  /** The pods whose namespaces were read. */
  readonly podUids: readonly string[]
  neighbours(family: Family, column: NeighbourColumn): Tracked | undefined
  setting(name: Setting): Reading | undefined
  /** Of each interface of the ENA driver that has it; none on machines of others. */
  allowance(name: Allowance): readonly TrackedDevice[]
}

interface Sample {
  readonly clock: BatchClock
  readonly tcp: TcpReadings
  readonly namespaces: Namespaces
  readonly neighbours: NeighbourReadings
  readonly settings: SettingReadings
  readonly devices: ReadonlyMap<string, AllowanceReadings>
}

/** Reads what was read of a node's network, in one sample or two; `devices` names its interfaces. */
export async function readNodeKernel(
  bundle: BundleReader,
  node: string,
  devices: readonly string[],
): Promise<NodeKernel> {
  const first = await readSample(bundle, `nodes/${node}/0`, devices)
  const second = await readSample(bundle, `nodes/${node}/1`, devices)
  const hasRebooted = isOtherBoot(first.clock, second.clock)
  const track = (before: Reading | undefined, after: Reading | undefined): Tracked | undefined => {
    const last = after ?? before
    return last && { last, growth: hasRebooted ? undefined : growthOf(before, after) }
  }
  const processes = processesOf(first.namespaces, second.namespaces)
  return {
    node,
    tcp: (counter) => track(first.tcp.get(counter), second.tcp.get(counter)),
    tcpOfPod: (podUid, counter) => {
      const pid = processes.get(podUid) ?? ''
      return track(first.namespaces.get(pid)?.readings.get(counter), second.namespaces.get(pid)?.readings.get(counter))
    },
    podUids: [...processes.keys()],
    neighbours: (family, column) =>
      track(first.neighbours.get(`${family} ${column}`), second.neighbours.get(`${family} ${column}`)),
    setting: (name) => second.settings.get(name) ?? first.settings.get(name),
    allowance: (name) =>
      devices.flatMap((device) => {
        const tracked = track(first.devices.get(device)?.get(name), second.devices.get(device)?.get(name))
        return tracked ? [{ ...tracked, device }] : []
      }),
  }
}

/** Of each pod a process: one that was there in both samples, or else of the latest. */
function processesOf(first: Namespaces, second: Namespaces): ReadonlyMap<string, string> {
  const processes = new Map<string, string>()
  const isBoth = (pid: string) => first.get(pid)?.podUid === second.get(pid)?.podUid
  for (const [pid, { podUid }] of [...first, ...second]) {
    const known = processes.get(podUid)
    if (known === undefined || (!isBoth(known) && (isBoth(pid) || second.has(pid)))) processes.set(podUid, pid)
  }
  return processes
}

async function readSample(bundle: BundleReader, folder: string, devices: readonly string[]): Promise<Sample> {
  const network = await createSource(bundle, `${folder}/kernel-network`)
  const ena = await createSource(bundle, `${folder}/ena`)
  const allowances = new Map<string, AllowanceReadings>()
  for (const device of devices)
    allowances.set(
      device,
      await readAllowances(bundle, ena.file(`${device}.statistics.txt`), ena.file(`${device}.driver.txt`)),
    )
  return {
    clock: network.clock.boot === undefined ? ena.clock : network.clock,
    tcp: await readTcp(bundle, [network.file('snmp.txt'), network.file('netstat.txt')]),
    namespaces: await readNamespaces(bundle, network.file('pods.tsv'), network.file('pods.txt')),
    neighbours: await readNeighbours(bundle, network.file('neighbour-cache.txt')),
    settings: await readSettings(bundle, network.file('sysctl.txt')),
    devices: allowances,
  }
}

async function readTcp(bundle: BundleReader, files: readonly KernelFile[]): Promise<TcpReadings> {
  const readings = new Map<TcpCounter, Reading>()
  for (const source of files) {
    const scanner = createTableScanner(source, readings, new Map())
    await readLines(bundle, source.file, scanner.take)
  }
  return readings
}

async function createSource(bundle: BundleReader, folder: string) {
  const clock = await readBatchClock(bundle, folder)
  return {
    clock,
    file: (name: string): KernelFile => {
      const seconds = clock.read.get(name)
      return {
        file: `${folder}/${name}`,
        at: seconds === undefined ? undefined : seconds * 1000,
        taken: obtainedOf(bundle, `${folder}/${name}`)?.monotonicMs,
      }
    },
  }
}
