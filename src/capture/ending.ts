import type { Outcome } from '../bundle/format.ts'

/** Why a run ends; the first reason stays. */
export interface Ending {
  /** Fires when the run must stop asking. */
  readonly signal: AbortSignal
  /** `finished` until something else ended the run. */
  readonly ended: Outcome['ended']
  readonly reason: string | undefined
  end(ended: Outcome['ended'], reason: string): void
  /** Stops the deadline's clock. */
  dispose(): void
}

/** Joins the deadline (milliseconds), the caller's signal and whatever goes wrong inside into one signal. */
export function createEnding(interrupt: AbortSignal, deadline: number): Ending {
  const controller = new AbortController()
  let ended: Outcome['ended'] = 'finished'
  let reason: string | undefined

  function end(how: Outcome['ended'], why: string): void {
    if (controller.signal.aborted) return
    ended = how
    reason = why
    controller.abort(new DOMException(why, 'AbortError'))
  }

  const onInterrupt = () => end('interrupted', 'interrupted')
  const timer = setTimeout(() => end('deadline', `the deadline of ${describeDuration(deadline)} was reached`), deadline)
  interrupt.addEventListener('abort', onInterrupt, { once: true })
  if (interrupt.aborted) onInterrupt()

  return {
    signal: controller.signal,
    get ended() {
      return ended
    },
    get reason() {
      return reason
    },
    end,
    dispose() {
      clearTimeout(timer)
      interrupt.removeEventListener('abort', onInterrupt)
    },
  }
}

function describeDuration(milliseconds: number): string {
  return milliseconds % 60_000 === 0 ? `${milliseconds / 60_000} min` : `${milliseconds / 1000} s`
}
