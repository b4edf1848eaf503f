import type { Refusal } from './refusal.ts'

/** What a client asks, whatever it came over. */
export interface Ask {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly accept: string
  /** Fires when the client has gone. */
  readonly signal: AbortSignal
  /** The body as a value of JSON; rejects with a Refusal where it is none or too large. */
  body(): Promise<unknown>
}

/** What it gets. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | string | AsyncIterable<Buffer | string>
}

/** An answer in JSON; a text goes out as it is, and what is written here ends with a newline, as Go's encoder ends it. */
export function json(body: unknown, status = 200): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : `${JSON.stringify(body)}\n`,
  }
}

/** A refusal as every client of Kubernetes reads it. */
export function statusOf({ code, reason, message, details, warning }: Refusal): Answer {
  const status = json(
    {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...(details && { details }),
      code,
    },
    code,
  )
  return warn(status, warning)
}

/** The longest warning that a header takes. */
const LONGEST_WARNING = 1000

/** `Warning` headers, which kubectl prints, each text once, and client-go logs (RFC 7234, 5.5: code 299 and the agent `-`). */
export function warn(answer: Answer, ...warnings: readonly (string | undefined)[]): Answer {
  const given = warnings.filter((warning) => warning !== undefined)
  return given.length === 0
    ? answer
    : { ...answer, headers: { ...answer.headers, warning: given.map(quote).join(', ') } }
}

function quote(warning: string): string {
  const text = warning
    .slice(0, LONGEST_WARNING)
    .replace(/[^\x20-\x7e]/g, '?')
    .replace(/["\\]/g, '\\$&')
  return `299 - "${text}"`
}
