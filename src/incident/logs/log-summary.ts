/** What one container's log says, in bounded size: all that the rules read of it. */
export interface LogSummary {
  /** The log's path in the bundle. */
  readonly path: string
  readonly bytes: number
  readonly lines: number
  /** Those of them that are frames of a stack trace: they say nothing that its head does not. */
  readonly frames: number
  /** Milliseconds since the epoch of the first and the last timestamp. */
  readonly first?: number
  readonly last?: number
  /** What was said at level warn or above or has a class, in the order of its first line; at most `MAX_TEMPLATES`. */
  readonly templates: readonly LogTemplate[]
  /** Templates that were not kept, as far as they can be told apart in bounded memory: half a million. */
  readonly dropped: number
  /** Lines per level, without blank ones. */
  readonly levels: Readonly<Record<LogLevel, number>>
  /** The last lines that are not blank. */
  readonly tail: readonly LogLine[]
  /** Whether the capture marked a gap: a part of the log is missing. */
  readonly gapped: boolean
}

/** A line of a log, in its exact words. */
export interface LogLine {
  /** Counted from 1, in the file. */
  readonly line: number
  readonly at?: number
  /** Without the timestamp, at most 1,000 characters. */
  readonly text: string
}

/** Lines that differ only in numbers, names and other variable parts. */
export interface LogTemplate {
  readonly level: LogLevel
  readonly classes: readonly LogClass[]
  /** The first of them. */
  readonly example: LogLine
  readonly lastLine: LogLine
  /** The line that the last of them belongs to: that of the head of its stack trace, else its own. */
  readonly head: number
  readonly count: number
  readonly first?: number
  readonly last?: number
  /** Hosts, with their ports where they are named, that a failing connection, lookup or handshake names: lower case, sorted, at most 10. */
  readonly targets: readonly string[]
  /** The name servers that a failing lookup asked, likewise. */
  readonly resolvers: readonly string[]
  /** At most 60 times, spread over the run of the template. */
  readonly times: readonly number[]
}

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'unknown'

/** What kind of trouble, or of progress, the words of a line mean. */
export type LogClass =
  | 'connection-refused'
  | 'connection-reset'
  | 'timeout'
  | 'no-route'
  | 'dns-failure'
  | 'tls-failure'
  | 'certificate-expired'
  | 'authentication-failed'
  | 'forbidden'
  | 'rate-limited'
  /** HTTP 502, 503 and 504, gRPC's UNAVAILABLE. */
  | 'unavailable'
  /** HTTP 500, gRPC's INTERNAL and UNKNOWN: the other end answered that it failed. */
  | 'server-error'
  /** The application's own heap is exhausted. */
  | 'out-of-memory'
  | 'disk-full'
  | 'read-only-filesystem'
  /** Of files. */
  | 'permission-denied'
  | 'too-many-files'
  /** EADDRNOTAVAIL. */
  | 'no-ports'
  | 'address-in-use'
  | 'panic'
  | 'missing-configuration'
  | 'invalid-configuration'
  | 'command-not-found'
  | 'exec-format'
  | 'schema-mismatch'
  | 'deadlock-or-lock'
  | 'process-limit'
  | 'clock'
  | 'credentials-missing'
  | 'retry'
  | 'slow-start-waiting'
  | 'graceful-shutdown'
