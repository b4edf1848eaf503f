import type { BundleReader } from '../../bundle/reader.ts'
import { ownerOfCgroup } from '../counters/cgroup-path.ts'
import type { Reading } from '../counters/reading.ts'
import { readLines, readSections } from './lines.ts'
import type { KernelFile } from './sample.ts'
import { createTableScanner, type Layouts, type TableScanner, type TcpCounter, type TcpReadings } from './tables.ts'

/** The tables of the network namespace that a process of a pod is in. */
export interface Namespace {
  readonly podUid: string
  readonly readings: TcpReadings
}

/** By the number of the process. */
export type Namespaces = ReadonlyMap<string, Namespace>

/** A batch reads the tables of 300 processes. */
const MOST_PROCESSES = 2000

/** `/proc/4711/net/netstat`. */
const TABLE = /\/(\d{1,10})\/net\/(?:snmp|netstat)$/

/** `4711`, a tab, and the file of a cgroup that lists the process. */
const PROCESS = /^(\d{1,10})\t(\/\S{1,3000})\/cgroup\.procs$/

/** Reads the tables of processes, those whose cgroup is a pod's: by whole numbers and whole uids, never by a part of one. */
export async function readNamespaces(
  bundle: BundleReader,
  processes: KernelFile,
  tables: KernelFile,
): Promise<Namespaces> {
  const owners = await readOwners(bundle, processes)
  const namespaces = new Map<string, Namespace & { readonly readings: Map<TcpCounter, Reading> }>()
  const layouts: Layouts = new Map()
  let [open, scanner]: [string, TableScanner | undefined] = ['', undefined]
  await readSections(bundle, tables.file, (path, text, line) => {
    if (open !== path) [open, scanner] = [path, scannerOf(path)]
    scanner?.take(text, line)
  })
  return namespaces

  function scannerOf(path: string): TableScanner | undefined {
    const pid = TABLE.exec(path)?.[1] ?? ''
    const podUid = owners.get(pid)
    if (podUid === undefined) return undefined
    const namespace = namespaces.get(pid) ?? { podUid, readings: new Map<TcpCounter, Reading>() }
    namespaces.set(pid, namespace)
    return createTableScanner(tables, namespace.readings, layouts)
  }
}

/** Whose pod a process is, by its cgroup; a number that two pods have says nothing. */
async function readOwners(bundle: BundleReader, { file }: KernelFile): Promise<ReadonlyMap<string, string>> {
  const owners = new Map<string, string>()
  await readLines(bundle, file, (text) => {
    const [, pid, path = ''] = PROCESS.exec(text) ?? []
    const uid = ownerOfCgroup(path).podUid
    if (pid === undefined || uid === undefined || owners.size >= MOST_PROCESSES) return
    owners.set(pid, owners.has(pid) && owners.get(pid) !== uid ? '' : uid)
  })
  return new Map([...owners].filter(([, uid]) => uid !== ''))
}
