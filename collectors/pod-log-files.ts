import type { PodOfNode } from '../src/collector.ts'

/** A folder of a pod's logs on its node, and why it is read. */
export interface PodLogs {
  readonly folder: string
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** The API server knows it no more: nobody else has its logs. */
  readonly deleted: boolean
}

/** Which pods' log folders are worth reading, those of pods that are gone first. */
export function choosePodLogs(
  names: readonly string[],
  known: readonly PodOfNode[],
  wanted: { readonly namespaces: readonly string[] | undefined; readonly all: boolean },
): PodLogs[] {
  const found = names.flatMap((name) => readFolder(name, known))
  const asked = found.filter(({ namespace }) => wanted.namespaces?.includes(namespace) ?? true)
  const sick = new Set(known.filter(({ suspect }) => suspect || wanted.all).map(({ uid }) => uid))
  return [...asked.filter(({ deleted }) => deleted), ...asked.filter(({ deleted, uid }) => !deleted && sick.has(uid))]
}

/** `<namespace>_<name>_<uid>` (kubernetes/kubernetes, pkg/kubelet/kuberuntime/helpers.go: BuildPodLogsDirectory). */
function readFolder(entry: string, known: readonly PodOfNode[]): PodLogs[] {
  const [, namespace, name, uid] = /^([^_/]+)_([^_/]+)_([^_/]+)\/$/.exec(entry) ?? []
  if (namespace === undefined || name === undefined || uid === undefined) return []
  const deleted = !known.some(
    (pod) => pod.uid === uid || (isStatic(uid) && pod.namespace === namespace && pod.name === name),
  )
  return [{ folder: entry, namespace, name, uid, deleted }]
}

/** A pod from a file of the node is called by the hash of that file, where the API server shows it under another uid. */
function isStatic(uid: string): boolean {
  return /^[0-9a-f]{32}$/.test(uid)
}

/** A file of a container's log: of the instance that the number counts, `rotated` away or what is written now. */
interface LogFile {
  readonly name: string
  readonly instance: number
  readonly rotated: string
}

/**
 * Files of a container's folder, the latest first: of a pod that is gone all, of one that is there those that `pods/log` does not give, which
 * serves the latest file of the last two instances.
 */
export function chooseLogFiles(names: readonly string[], deleted: boolean): string[] {
  const files = names.flatMap(readFile)
  const last = Math.max(...files.map(({ instance }) => instance))
  const own = files.filter(({ instance, rotated }) => deleted || rotated !== '' || instance < last - 1)
  return own.sort(byAge).map(({ name }) => name)
}

/** `<instance>.log`, and after a rotation `.<time>`, later `.gz` (pkg/kubelet/logs/container_log_manager.go). */
function readFile(name: string): LogFile[] {
  const [, instance, rotated = ''] = /^(\d+)\.log(?:\.(\d{8}-\d{6})(?:\.gz)?)?$/.exec(name) ?? []
  return instance === undefined ? [] : [{ name, instance: Number(instance), rotated }]
}

function byAge(a: LogFile, b: LogFile): number {
  if (a.instance !== b.instance) return b.instance - a.instance
  if (a.rotated === '' || b.rotated === '') return a.rotated === '' ? -1 : 1
  return a.rotated < b.rotated ? 1 : -1
}
