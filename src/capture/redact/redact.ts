import type { Content, Observed } from '../../collector.ts'

/** The redaction stage: bytes in, bytes out, before anything reaches a disk or a bucket. Runs in worker threads (`pool.ts`). */
export interface Redacted {
  readonly body: Buffer
  /** Replacements by rule. */
  readonly counts: Readonly<Record<string, number>>
  /** Pods, nodes and events of a list page or change segment, reduced to what planning needs. */
  readonly observed: readonly Observed[]
}

export interface RedactSettings {
  /** 32 bytes; random per run or from `--redaction-key`. */
  readonly key: Buffer
  /** Keep the values of ConfigMaps (`--config-data`). */
  readonly configData: boolean
  /** Drop `status.images` of nodes. */
  readonly dropNodeImages: boolean
}

export type Redact = (body: Buffer, content: Content) => Promise<Redacted>
