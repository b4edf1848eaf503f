import type { Dispatcher } from 'undici'

/** Tries of one request; the waits between them are 0.25, 0.5, 1 and 2 s, or what Retry-After says. */
export const TRIES = 5
const FIRST_WAIT_MS = 250

/** A server that asks for more is asked again all the same: the evidence may not live longer. */
const LONGEST_WAIT_MS = 30_000

/** Answers that say "again later" (client-go, rest/with_retry.go, retries 429 and 5xx with Retry-After; a gateway's 502 to 504 pass too). */
const RETRIED = [429, 502, 503, 504]

/** Whether an answer says "again later". */
export function saysLater(response: Pick<Dispatcher.ResponseData, 'statusCode'>): boolean {
  return RETRIED.includes(response.statusCode)
}

/** Milliseconds: what Retry-After says (whole seconds, RFC 9110 section 10.2.3), within bounds, else doubling; with up to a quarter of jitter. */
export function waitBefore(attempt: number, response?: Pick<Dispatcher.ResponseData, 'headers'>): number {
  const asked = Number(response?.headers['retry-after'])
  const wait = asked > 0 ? asked * 1000 : FIRST_WAIT_MS * 2 ** (attempt - 1)
  return Math.min(wait, LONGEST_WAIT_MS) * (1 + Math.random() / 4)
}

/** A connection that was fine and broke: the next one may live. A refused or unknown host will not change within seconds. */
export function isReset(cause: unknown): boolean {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? ''
  return ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_CLOSED'].includes(code)
}
