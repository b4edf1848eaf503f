/** How long a piece of work may take: while others wait for it, when nobody does, and once the run has ended. */
export interface Patience {
  readonly usual: number
  readonly hurried: number
  /** Fires when the run has ended. */
  readonly hurry: AbortSignal
  /** True while nobody else waits: then it may take its time. */
  alone(): boolean
}

/** Settles as `work` does, or rejects with what `giveUp` makes of the milliseconds that were too long. */
export function withPatience(work: Promise<void>, patience: Patience, giveUp: (after: number) => Error): Promise<void> {
  const { usual, hurried, hurry } = patience
  let timer: NodeJS.Timeout | undefined
  const given = Promise.withResolvers<void>()
  function arm(): void {
    clearTimeout(timer)
    const limit = hurry.aborted ? hurried : usual
    timer = setTimeout(() => {
      if (hurry.aborted || !patience.alone()) given.reject(giveUp(limit))
    }, limit)
  }
  arm()
  hurry.addEventListener('abort', arm, { once: true })
  return Promise.race([work, given.promise]).finally(() => {
    clearTimeout(timer)
    hurry.removeEventListener('abort', arm)
  })
}
