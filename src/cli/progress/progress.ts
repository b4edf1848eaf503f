import type { CaptureEvent } from '../../capture/events.ts'
import type { Shell } from '../shell.ts'
import { openJsonLines } from './json.ts'
import { openLiveView } from './live.ts'
import { openPlainLines } from './plain.ts'

export const PROGRESS_MODES = ['auto', 'live', 'plain', 'json', 'none'] as const

export type ProgressMode = (typeof PROGRESS_MODES)[number]

/** Shows a running capture on stderr. */
export interface ProgressView {
  show(event: CaptureEvent): void
  /** Leaves the terminal as it was found; may be called twice. */
  close(): void
}

/** Opens the view that was asked for; `auto` is live on a terminal that can move its cursor, and plain lines otherwise. */
export function openProgress(mode: ProgressMode, shell: Shell, deadline: number): ProgressView {
  const chosen = mode === 'auto' ? (canRedraw(shell) ? 'live' : 'plain') : mode
  if (chosen === 'live') return openLiveView(shell, deadline)
  if (chosen === 'plain') return openPlainLines(shell)
  if (chosen === 'json') return openJsonLines(shell)
  return { show() {}, close() {} }
}

function canRedraw({ stderr, env }: Shell): boolean {
  return Boolean(stderr.isTTY) && env.TERM !== 'dumb' && !env.CI
}
