import type { BundleReader } from '../../bundle/reader.ts'

/** Who is heard in a log of a node. */
export type Writer = 'kernel' | 'kubelet'

/** A log of a node in the bundle. */
export interface NodeLogFile {
  readonly node: string
  readonly writer: Writer
  readonly path: string
  /** Whether others write there too: then each line says who. */
  readonly isShared: boolean
  /** The folder whose `commands.tsv` says when it was read, by the node's clock. */
  readonly folder: string
  readonly name: string
}

/**
 * The logs of a node in the order in which they are believed: of what two of them tell, the first counts. From a probe the journal and the kernel's
 * own buffer, from the kubelet the journal of its unit and the files in /var/log, from the node monitoring agent of EKS what it collects of these
 * (aws/eks-node-monitoring-agent, pkg/log_collector/collect).
 */
const FILES: readonly (readonly [place: string, writer: Writer, isShared?: 'shared'])[] = [
  ['journal/kernel.txt', 'kernel'],
  ['journal/kernel-failures.txt', 'kernel'],
  ['journal/dmesg.txt', 'kernel'],
  ['node-logs/kern.log', 'kernel'],
  ['node-logs/messages', 'kernel', 'shared'],
  ['node-logs/syslog', 'kernel', 'shared'],
  ['node-diagnostic/kernel/dmesg.human.current', 'kernel'],
  ['node-diagnostic/var_log/messages', 'kernel', 'shared'],
  ['node-diagnostic/var_log/syslog', 'kernel', 'shared'],
  ['journal/kubelet.txt', 'kubelet'],
  ['node-logs/kubelet.journal.log', 'kubelet'],
  ['node-logs/kubelet.log', 'kubelet'],
  ['node-diagnostic/kubelet/kubelet.log', 'kubelet'],
]

const PLACE = /^(nodes\/([^/]+)\/[^/]+)\/((?:journal|node-logs|node-diagnostic\/(?:kernel|kubelet|var_log))\/([^/]+))$/

/** The logs that a bundle holds of its nodes, in the order of nodes. */
export function listNodeLogs(bundle: BundleReader): readonly NodeLogFile[] {
  const found = [...bundle.files.keys()].flatMap((path) => {
    const [, root = '', node = '', place = '', name = ''] = PLACE.exec(path) ?? []
    const rank = FILES.findIndex(([one]) => one === place)
    const [, writer, isShared] = FILES[rank] ?? []
    if (writer === undefined) return []
    const folder = `${root}/${place.slice(0, place.indexOf('/'))}`
    return [{ rank, file: { node, writer, path, isShared: isShared !== undefined, folder, name } }]
  })
  return found
    .sort((a, b) => (a.file.node < b.file.node ? -1 : a.file.node > b.file.node ? 1 : a.rank - b.rank))
    .map(({ file }) => file)
}
