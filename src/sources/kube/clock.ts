/** The time that the server has to say something. */
export interface Clock {
  /** Fires when the time has run out. */
  readonly signal: AbortSignal
  /** Winds it up again: the server has spoken. */
  restart(): void
  /** Stops it, while it is not the server that is waited for. */
  stop(): void
}

/** Starts a clock of so many milliseconds. */
export function startClock(milliseconds: number): Clock {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const stop = () => clearTimeout(timer)
  const restart = () => {
    stop()
    timer = setTimeout(() => controller.abort(), milliseconds)
  }
  restart()
  return { signal: controller.signal, restart, stop }
}
