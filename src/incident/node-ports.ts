import type { LedgerLine } from '../bundle/format.ts'
import type { BundleReader } from '../bundle/reader.ts'
import type { Citation } from './citation.ts'

/** Whether anybody listens on a port of a node, as often as it was asked, and where the ledger says so. */
export interface NodePort {
  readonly node: string
  readonly collector: string
  readonly port: number
  /** False only where every sample was refused: what listens again by the second one has only started anew. */
  readonly listens: boolean
  readonly citation: Citation
}

/** A port of a node in the ledger: `:61678/metrics`. */
const PORT = /^:(\d{1,5})\//

/** How a collector of ports says that a connection was refused on the node itself. */
const REFUSED = /^nobody listens on port /

/**
 * What the ledger says of the ports of nodes that were asked. Only answers and refusals count: who may not connect, or found no way, knows
 * nothing. A manifest that was rebuilt cannot be cited, and says nothing here.
 */
export function readNodePorts(bundle: BundleReader): readonly NodePort[] {
  if (bundle.isRebuilt || !bundle.files.has('manifest.json')) return []
  const ports = new Map<string, NodePort>()
  for (const [index, line] of bundle.manifest.ledger.entries()) {
    const asked = readLine(line, index)
    if (!asked) continue
    const key = `${asked.node} ${asked.collector} ${asked.port}`
    const known = ports.get(key)
    if (!known?.listens) ports.set(key, asked)
  }
  return [...ports.values()]
}

function readLine({ scope, collector, status, reason = '' }: LedgerLine, index: number): NodePort | undefined {
  const port = Number(PORT.exec(scope.path ?? '')?.[1])
  if (scope.node === undefined || !Number.isInteger(port)) return undefined
  const isRefused = status === 'unsupported' && REFUSED.test(reason)
  if (!isRefused && !['complete', 'empty', 'unsupported'].includes(status)) return undefined
  const [field, words] = isRefused ? ['reason', reason] : ['status', status]
  const citation = { file: 'manifest.json', pointer: `/ledger/${index}/${field}`, words }
  return { node: scope.node, collector, port, listens: !isRefused, citation }
}
