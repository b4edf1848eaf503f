import { setTimeout as sleep } from 'node:timers/promises'

/** Requests in flight at the start and at the most. More than 16 gain nothing on one connection's bandwidth and fill a seat each (KEP-1040). */
const START = 8
const MOST = 16

/** After a cut nothing is cut again for this long: the answers under way still belong to the old limit. */
const CUT_PAUSE_MS = 1000

/**
 * After a 429 nobody enters for longer than this: the limit is halved already, and only the request that was refused owes the server the
 * whole of what it asked for (priority and fairness asks for 1 s; a proxy may ask for hours).
 */
const LONGEST_PAUSE_MS = 5000

/** Latency counts as rising when the recent mean is this many times the best mean seen, and more than a noise floor above it. */
const RISING = 4
const NOISE_MS = 250

/** Weight of one answer in the moving mean; about the last ten count. */
const WEIGHT = 0.2

/**
 * How many requests may be in flight: additive increase, multiplicative decrease (Chiu and Jain 1989), as TCP does. A 429 or a rising
 * latency halves the limit; each full round of good answers adds one.
 */
export interface Congestion {
  /** Waits for a place, first come first served, the deferrable behind all others; rejects when the signal fires. */
  enter(signal: AbortSignal, deferrable?: boolean): Promise<void>
  /** Frees the place. */
  leave(): void
  /** Waits until a pause that the server asked for is over, for what takes no place; rejects when the signal fires. */
  pause(signal: AbortSignal): Promise<void>
  /**
   * Tells how long an answer's head took. Answers of one kind (get, list, …) are compared with each other only. How long a log takes is up
   * to its kubelet and says nothing of the API server.
   */
  answered(kind: string, milliseconds: number): void
  /** Tells of a 429; nobody enters before `retryAfter` milliseconds have passed, or a few seconds. */
  throttled(retryAfter: number): void
  state(): { readonly inFlight: number; readonly limit: number }
}

/** Creates the congestion control of one client. */
export function createCongestion(): Congestion {
  const waiting: (() => void)[] = []
  const deferred: (() => void)[] = []
  const kinds = new Map<string, { mean: number; best: number; count: number }>()
  let limit = START
  let inFlight = 0
  let credit = 0
  let cutAt = 0
  let closedUntil = 0
  let reopening = false

  function admit(): void {
    const pause = closedUntil - Date.now()
    if (pause > 0) {
      if (!reopening) setTimeout(reopen, pause)
      reopening = true
      return
    }
    while (inFlight < limit) {
      const next = waiting.shift() ?? deferred.shift()
      if (!next) return
      inFlight++
      next()
    }
  }

  function reopen(): void {
    reopening = false
    admit()
  }

  function cut(): void {
    if (Date.now() - cutAt < CUT_PAUSE_MS) return
    cutAt = Date.now()
    limit = Math.max(1, Math.floor(limit / 2))
    credit = 0
  }

  function grow(): void {
    credit++
    if (credit < limit || limit >= MOST) return
    credit = 0
    limit++
    admit()
  }

  return {
    enter(signal, deferrable = false) {
      const queue = deferrable ? deferred : waiting
      return new Promise((resolve, reject) => {
        signal.throwIfAborted()
        const enter = () => {
          signal.removeEventListener('abort', abort)
          resolve()
        }
        const abort = () => {
          const index = queue.indexOf(enter)
          if (index >= 0) queue.splice(index, 1)
          reject(signal.reason)
        }
        signal.addEventListener('abort', abort, { once: true })
        queue.push(enter)
        admit()
      })
    },
    leave() {
      inFlight--
      admit()
    },
    async pause(signal) {
      const milliseconds = closedUntil - Date.now()
      if (milliseconds > 0) await sleep(milliseconds, undefined, { signal })
    },
    answered(kind, milliseconds) {
      const known = kinds.get(kind) ?? { mean: milliseconds, best: milliseconds, count: 0 }
      known.mean += (milliseconds - known.mean) * WEIGHT
      known.count++
      if (known.count >= 5) known.best = Math.min(known.best, known.mean)
      kinds.set(kind, known)
      if (known.count >= 10 && known.mean > known.best * RISING && known.mean > known.best + NOISE_MS) cut()
      else grow()
    },
    throttled(retryAfter) {
      cut()
      closedUntil = Math.max(closedUntil, Date.now() + Math.min(retryAfter, LONGEST_PAUSE_MS))
    },
    state: () => ({ inFlight, limit }),
  }
}
