/**
 * The node monitoring agents of EKS, each of which collects the logs of its own node for whoever creates a NodeDiagnostic with the node's name.
 * Everything throws KubeError.
 */
export interface Diagnostics {
  /** Has the agent of a node collect its logs; resolves when they are on the node. */
  collect(node: string, signal: AbortSignal): Promise<CollectedLogs>
  /** Removes what was created for that node; never throws, because `close` tells what is left. */
  remove(node: string): Promise<void>
  /** Removes what was created, whatever became of it. */
  close(): Promise<void>
}

/** What an agent says when it is done. */
export interface CollectedLogs {
  /** Where its archive is below the log folder of the node, which the kubelet serves. */
  readonly path: string
  /** What it could not collect, in its words; undefined where it met no errors. */
  readonly complaint: string | undefined
}
