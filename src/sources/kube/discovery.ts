import type { ServedResource } from '../../bundle/format.ts'
import type { AskedFor, KubeResponse } from './client.ts'

/** What the server serves: the answers as they came, and the list that planning reads. */
export interface Discovery {
  /** Answers by request path and accept form, for `api-discovery` to store exactly as answered. */
  readonly answers: readonly DiscoveryAnswer[]
  /** Every listable resource once, in the server's preferred version; Events as core/v1; Secrets included (the plan leaves them out). */
  readonly resources: readonly ServedResource[]
  /** Group versions whose discovery failed (a dead aggregated API), with the reason. */
  readonly stale: readonly { readonly groupVersion: string; readonly reason: string }[]
  /** Parsed /version, or undefined when it was not answered. */
  readonly version: { readonly gitVersion: string; readonly platform?: string } | undefined
  /** What all of it was asked with. */
  readonly cost: AskedFor
}

export interface DiscoveryAnswer {
  /** Request path, for instance `/apis/apps/v1`. */
  readonly path: string
  readonly form: 'plain' | 'aggregated'
  readonly response: KubeResponse
}
