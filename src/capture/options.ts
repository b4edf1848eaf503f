import type { Manifest, Scope } from '../bundle/format.ts'
import type { KubeClient } from '../sources/kube/client.ts'
import type { InsideWay } from '../sources/node/inside.ts'
import type { CaptureEvent } from './events.ts'
import type { OptionTier, Tier } from './tiers.ts'

/** What a capture is asked to do: the normalised command line. Only the CLI turns words into this. */
export interface CaptureOptions {
  readonly kube: KubeClient
  /** Where to write: files, folders, or `-` for stdout; at least one. */
  readonly outputs: readonly string[]
  readonly overwrite: boolean
  /** Milliseconds. */
  readonly deadline: number
  /** Bytes of the compressed bundle, or undefined for no limit. */
  readonly maxSize: number | undefined
  /** Namespaces, or undefined for all. */
  readonly namespaces: readonly string[] | undefined
  readonly focus: readonly Focus[]
  /** Collector ids. */
  readonly only: readonly string[] | undefined
  readonly skip: readonly string[]
  readonly since: Date | undefined
  readonly logs: 'all' | 'suspects' | 'none'
  /** Of which nodes the kubelets are asked: the sick and two healthy controls of each pool, all, none, or those with these names. */
  readonly nodes: 'all' | 'suspects' | 'none' | readonly string[]
  readonly samples: 1 | 2
  /** Milliseconds between the two samples of a counter. */
  readonly interval: number
  /** What only a process on a node can read: by which ways; none of them without being asked to. */
  readonly inside: InsideOptions
  readonly configData: boolean
  readonly dropNodeImages: boolean
  /** 32 bytes. */
  readonly redactionKey: Buffer
  /** Name of the cluster in the bundle's name; default from the kubeconfig. */
  readonly clusterName: string | undefined
  /** Version of freezeframe, for the manifest. */
  readonly toolVersion: string
  /** Ends the run early: a reason of 'interrupted' closes the bundle within two seconds, a second abort at once. */
  readonly signal: AbortSignal
  readonly onEvent: (event: CaptureEvent) => void
}

/** The ways into nodes that the user has opened. */
export interface InsideOptions {
  readonly ways: readonly InsideWay[]
  /** Of probes; an undefined image is one that is on the node. */
  readonly probeImage: string | undefined
  readonly probeNamespace: string
  /** Whole tables of connections. */
  readonly full: boolean
}

/** One `--focus kind/namespace/name` (or `kind/name` for cluster-scoped kinds). */
export interface Focus {
  readonly kind: string
  readonly namespace?: string
  readonly name: string
}

/** What came of a capture. */
export interface CaptureResult {
  readonly manifest: Manifest
  /** Where the bundle ended up, one for each output that succeeded (`-` for stdout). */
  readonly outputs: readonly { readonly target: string; readonly bytes: number; readonly error?: string }[]
}

/** What `--plan` prints. */
export interface CapturePlan {
  readonly cluster: { readonly name: string; readonly server: string; readonly version: string | null }
  readonly identity: { readonly username: string | null; readonly groups: readonly string[] }
  readonly sources: readonly PlannedSource[]
  /** The ways that only an option opens. */
  readonly options: readonly PlannedOption[]
}

/** A way that only an option opens, and whether this identity could use it. */
export interface PlannedOption {
  readonly tier: OptionTier
  /** `--allow-exec`. */
  readonly option: string
  /** Whether the option was given. */
  readonly isOpen: boolean
  /** `unserved` where the cluster has no such thing. */
  readonly access: 'allowed' | 'denied' | 'unknown' | 'unserved'
  /** The rights that are denied: `create jobs.batch in kube-system`. */
  readonly lacks: readonly string[]
  /** What comes by this way, and is missing without it. */
  readonly adds: string
}

/** One source of a plan, before it is asked. */
export interface PlannedSource {
  readonly collector: string
  readonly title: string
  readonly band: number
  readonly scope: Scope
  /** Estimates; null where unknown. */
  readonly objects: number | null
  readonly requests: number | null
  readonly bytes: number | null
  readonly access: 'allowed' | 'denied' | 'unknown'
  /** Of what is on nodes: the ways that may lead there, the first of which is taken that does. */
  readonly ways?: readonly ('direct' | 'port-forward' | 'proxy' | InsideWay)[]
  /** The next tier of permissions, and what it would add. */
  readonly next?: { readonly tier: Tier; readonly adds: string }
  /** What would be missing from the bundle, where access is denied. */
  readonly loss?: string
}
