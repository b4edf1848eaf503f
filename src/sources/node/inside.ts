import type { AskedFor } from '../kube/client.ts'

/**
 * How a node is read from inside. `exec`: by single programs in pods that are there. `probe`: by a pod that is created for it and deleted
 * afterwards. `node-diagnostic`: by the node monitoring agent of EKS, which an object asks for its logs.
 */
export type InsideWay = 'exec' | 'probe' | 'node-diagnostic'

/** What a collector may have read of a batch. */
export interface BatchFile {
  /** Below the collector's folder. */
  readonly path: string
  readonly body: Buffer
}

/** What one batch of commands in a probe gave. */
export interface Batch {
  /** Takes the files of one collector; they are kept until then. */
  take(collector: string): readonly BatchFile[]
  /** What was asked for it, told once. */
  cost(): AskedFor
  /** Why the rest is missing, where there should be one. */
  readonly truncated: string | undefined
  readonly request: string
  readonly at: Date
  /** The local monotonic clock when the batch had ended, and its answer began. */
  readonly monotonicMs: number
}

/** A command that runs on the node. */
export interface Running {
  readonly stdout: AsyncIterable<Buffer>
  /** Its exit code, when stdout has ended; throws KubeError where it was never started. */
  ended(): { readonly exitCode: number; readonly stderr: string }
  readonly request: string
  readonly way: InsideWay
}

/** One node, read from inside. Everything throws KubeError. */
export interface Inside {
  /** The batch of that sample, run once for all collectors, in the probe of this node. */
  batch(sample: 0 | 1): Promise<Batch>
  /** Runs a program in a pod of this node that has it; no shell stands between. */
  run(command: readonly [Tool, ...string[]], signal: AbortSignal): Promise<Running>
  /** Runs a shell command in the probe of this node. */
  shell(command: string, signal: AbortSignal): Promise<Running>
}

/** Programs that pods of the system bring along. */
export type Tool = 'conntrack' | 'iconv'

/** The nodes of a cluster, read from inside by the ways that the user has opened. */
export interface Insides {
  readonly ways: readonly InsideWay[]
  of(node: { readonly name: string }): Inside
  /** Removes what was created, whatever became of it. */
  close(): Promise<void>
}
