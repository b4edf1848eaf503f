import type { LedgerStatus, Obtained, Scope, ServedResource } from './bundle/format.ts'
import type { HealDeadline } from './healing/deadline.ts'
import type { AskedFor, KubeClient } from './sources/kube/client.ts'
import type { Discovery } from './sources/kube/discovery.ts'
import type { KubeletNode } from './sources/kubelet/kubelet.ts'
import type { Diagnostics } from './sources/node/diagnostic/diagnostics.ts'
import type { Insides, InsideWay } from './sources/node/inside.ts'

/**
 * A collector reads one source and yields evidence. It never writes, redacts or interprets.
 *
 * The run calls `collect` once per target: once for a cluster collector, once per listable resource for `objects`, once per chosen
 * pod for `logs`, once per chosen node and sample for what kubelets tell, once per pod of a component for its metrics. Whatever was yielded before a failure is kept; a thrown error closes the target's open scopes with the status
 * that fits it, so a collector catches only what it can say better.
 */
export interface Collector {
  /** Equal to the file name. */
  readonly id: string
  /** A noun phrase for the progress view and the README table. */
  readonly title: string
  readonly volatility: Volatility
  readonly scope: 'cluster' | 'resource' | 'pod' | 'node' | 'component' | 'aws'
  /** What it may ask, from which `permissions` and the README table are generated. */
  readonly reads: readonly Read[]
  /** Run once per sample, the counters of two being a rate; every other collector runs once. */
  readonly sampled?: boolean
  /** What only a process on the node can read: by which ways, each opened by an option; without all of them it does not run. */
  readonly ways?: readonly InsideWay[]
  /** For scope `resource`: whether this collector takes that resource. Exactly one collector takes each. */
  readonly takes?: (resource: ServedResource) => boolean
  /** For scope `component`: the component that a running pod is of, by name; undefined for a pod that is none of this collector's. */
  readonly componentOf?: (pod: ObservedPod) => string | undefined
  collect(context: CollectContext): AsyncIterable<Evidence | Close>
}

/** Band of the order of volatility (RFC 3227): 0 dies at once, 6 in days. Lower runs first. */
export type Volatility = 0 | 1 | 2 | 3 | 4 | 5 | 6

/** One kind of access that a collector needs. */
export type Read =
  | {
      readonly group: string
      readonly resources: readonly string[]
      readonly verbs: readonly ('get' | 'list' | 'watch')[]
      /** A namespace that is read as well where others are asked for. */
      readonly alsoIn?: string
    }
  | { readonly nonResourceURLs: readonly string[] }
  /**
   * Connections to ports of running pods in these namespaces. Nothing is changed by one, though the API server asks for `create` as well as for
   * `get` since 1.35 (KEP-4006).
   */
  | { readonly connects: 'pods/portforward'; readonly namespaces: readonly string[] }
  /** Every listable resource that discovery names and that no other collector declares, by name, with verb list; never Secrets. */
  | { readonly everyListableResource: true }

/** One complete, bounded file. Its body belongs to the run once it is yielded, and is moved to another thread: it has no length any more. */
export interface Evidence {
  readonly type: 'evidence'
  readonly scope: Scope
  readonly path: string
  readonly body: Buffer
  readonly content: Content
  readonly obtained: Obtained
}

/** What the body is, so that the redaction stage can read it; `withheld` forms do not exist: what cannot be read is withheld by the stage. */
export type Content =
  /** A Kubernetes list page of one resource. */
  | { readonly type: 'list'; readonly group: string; readonly resource: string }
  /** Another list of objects that are captured elsewhere: redacted like those, and not looked at for planning. */
  | { readonly type: 'copy'; readonly group: string; readonly resource: string }
  /** Change lines (JSON, one per line) of one resource; each `object` is of that resource. */
  | { readonly type: 'changes'; readonly group: string; readonly resource: string }
  /** Other JSON without Kubernetes objects (discovery, OpenAPI, version). */
  | { readonly type: 'json' }
  /** Container log text, any bytes. */
  | { readonly type: 'log' }
  /** Connections, or what they sum up to, with the addresses of clients. */
  | { readonly type: 'connections' }
  /** Prometheus text and other machine text that holds no literals of users. */
  | { readonly type: 'text' }

/** Closes a scope: its line in the ledger. A scope with evidence that is never closed counts as complete when `collect` returns. */
export interface Close {
  readonly type: 'close'
  readonly scope: Scope
  readonly status: LedgerStatus
  readonly reason?: string
  /** What was asked for it; without this, what the collector has asked since its last line. Given by a collector that asks for several at once. */
  readonly cost?: AskedFor
}

export interface CollectContext {
  readonly kube: KubeClient
  /** Settles in the run's first moments; only what needs it waits for it, so that the most volatile evidence does not. */
  readonly discovery: Promise<Discovery>
  readonly target: Target
  readonly sample: 0 | 1
  readonly settings: CollectSettings
  /** Goes into every request. Its reason says why: deadline, interrupted, size. */
  readonly signal: AbortSignal
  /** Ends the recording: `changes` watches until this fires (all other work done), then returns normally. */
  readonly recording: AbortSignal
  /** The nodes, read from inside; for collectors with `ways`. */
  readonly insides: Insides
  /** The node monitoring agents; for the collector that has them at work. */
  readonly diagnostics: Diagnostics
  /**
   * How often the kubelet of each node did not answer since it last did; infinite where it cannot be reached. What else is asked through
   * one that is dead would only wait.
   */
  readonly silences: Map<string, number>
  /** Asks the plan to look at a target sooner (a pod that starts Terminating moves its logs to the front). */
  hint(target: { kind: string; namespace?: string; name: string; uid?: string }, reason: string): void
}

/** What `collect` is about, this time. */
export type Target =
  | { readonly kind: 'cluster' }
  | { readonly kind: 'resource'; readonly resource: ServedResource }
  | {
      readonly kind: 'pod'
      readonly pod: ObservedPod
      readonly suspect: boolean
      readonly reason: string
      readonly logBytes: number
    }
  | { readonly kind: 'node'; readonly node: NodeTarget }
  | { readonly kind: 'component'; readonly pod: ObservedPod }

/** A node whose evidence is read: where its kubelet is, and why. */
export interface NodeTarget extends KubeletNode {
  readonly suspect: boolean
  readonly reason: string
  readonly heal?: HealDeadline
  /** The pods that the API server has of it; resolves when they are known, or nobody will ever know. */
  pods(): Promise<readonly PodOfNode[]>
}

/** A pod that the API server has of a node, and whether its state says that its logs matter. */
export interface PodOfNode {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly suspect: boolean
}

/** The part of the arguments that collectors see. */
export interface CollectSettings {
  /** Namespaces to list, or undefined for all. */
  readonly namespaces: readonly string[] | undefined
  /** Only log lines and nothing else younger than this. */
  readonly since: Date | undefined
  readonly configData: boolean
  readonly pageSize: number
  /** Whose container logs: of all pods, of suspects, of none. */
  readonly logs: 'all' | 'suspects' | 'none'
  /** Whole tables of connections, and not only what they sum up to. */
  readonly full: boolean
}

/** An object reduced to what planning needs; produced by the redaction stage's scan, so that no page is parsed twice. */
export type Observed = ObservedPod | ObservedNode | ObservedEvent

export interface ObservedPod {
  readonly kind: 'Pod'
  readonly change?: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly nodeName?: string
  /** Whether it has the node's network, so that a port-forward into it reaches what listens on the node. */
  readonly hostNetwork?: boolean
  readonly deletionTimestamp?: string
  /** uid of the controlling owner. */
  readonly controller?: string
  readonly phase?: string
  readonly reason?: string
  readonly ready: boolean
  readonly containers: readonly ObservedContainer[]
}

export interface ObservedContainer {
  readonly name: string
  readonly type: 'init' | 'sidecar' | 'container' | 'ephemeral'
  readonly restarts: number
  readonly ready: boolean
  readonly state: 'waiting' | 'running' | 'terminated' | 'unknown'
  /** Waiting or terminated reason, as Kubernetes writes it. */
  readonly reason?: string
  readonly exitCode?: number
  /** Whether lastState holds a terminated instance. */
  readonly hasPrevious: boolean
}

export interface ObservedNode {
  readonly kind: 'Node'
  readonly change?: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly name: string
  readonly uid: string
  readonly ready: boolean
  readonly unschedulable: boolean
  /** Condition types other than Ready whose status is True (or, for conditions that mean health, False), as `MemoryPressure`. */
  readonly problems: readonly string[]
  readonly taints: readonly string[]
  /** `status.addresses`, the internal ones first. */
  readonly addresses: readonly string[]
  /** Port of its kubelet. */
  readonly kubeletPort: number
  /** Node group or node pool; empty where no label names one. */
  readonly pool: string
  /** `status.nodeInfo.bootID`: another one means that the machine has started anew, and its counters from zero. */
  readonly bootId?: string
  /** When it is replaced or rebooted, as far as its object tells. */
  readonly heal?: HealDeadline
}

export interface ObservedEvent {
  readonly kind: 'Event'
  readonly change?: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly type: string
  readonly reason: string
  /** The involvedObject. */
  readonly object: { readonly kind: string; readonly namespace?: string; readonly name: string; readonly uid?: string }
}
