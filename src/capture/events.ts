import type { LedgerLine } from '../bundle/format.ts'

/** What a running capture tells whoever watches it: the CLI's progress views, and nothing else, read these. */
export type CaptureEvent =
  | { readonly type: 'connected'; readonly server: string; readonly version: string | null }
  /** A collector's target entered the queue. */
  | {
      readonly type: 'queued'
      readonly collector: string
      readonly title: string
      readonly band: number
      readonly count: number
    }
  | { readonly type: 'started'; readonly collector: string; readonly band: number }
  | { readonly type: 'file'; readonly collector: string; readonly path: string; readonly bytes: number }
  | { readonly type: 'closed'; readonly line: LedgerLine }
  /** A collector's target is done, whatever came of it. */
  | { readonly type: 'finished'; readonly collector: string; readonly band: number }
  /** About twice a second. */
  | {
      readonly type: 'progress'
      readonly elapsed: number
      readonly bytesReceived: number
      readonly bytesWritten: number
      readonly requests: number
      readonly inFlight: number
      readonly limit: number
      readonly throttled: number
    }
  | { readonly type: 'notice'; readonly level: 'info' | 'warning'; readonly message: string }
  | { readonly type: 'ending'; readonly reason: 'finished' | 'deadline' | 'interrupted' | 'failed' | 'size' }
