/** Recorded changes as they are played once more, at their own pace or a faster one. */
export interface Tape {
  /** From now on it runs; it stands at its beginning until then. */
  start(): void
  /** The moment of the recording that is reached, in milliseconds. */
  position(): number
  /** Milliseconds until a moment of the recording is reached; 0 for one that has been. */
  until(at: number): number
}

/** A tape that begins at one moment of the recording and runs `speed` times as fast as it was recorded. */
export function createTape(begin: number, speed: number): Tape {
  let started: number | undefined
  function position(): number {
    return started === undefined ? begin : begin + (performance.now() - started) * speed
  }
  return {
    start() {
      started ??= performance.now()
    },
    position,
    until: (at) => Math.max(0, (at - position()) / speed),
  }
}
