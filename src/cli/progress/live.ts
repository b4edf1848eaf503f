import { stripVTControlCharacters } from 'node:util'
import { paintFor, type Shell } from '../shell.ts'
import { printable } from '../text.ts'
import { draw } from './draw.ts'
import type { ProgressView } from './progress.ts'
import { createTally } from './tally.ts'

/** Milliseconds between two frames: fast enough to look alive, slow enough for a terminal behind ssh. */
const FRAME_MS = 125

/** Terminal control, ECMA-48: CPL moves up, ED clears to the end of the screen; the cursor's mode is DECTCEM. */
const CLEAR_BELOW = '\x1b[J'
const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'

/** Redraws a small block at the bottom of a terminal; whatever ends the process, the cursor comes back. */
export function openLiveView(shell: Shell, deadline: number): ProgressView {
  const { stderr } = shell
  const tally = createTally()
  const paint = paintFor(stderr)
  const begun = Date.now()
  let drawn: readonly number[] = []
  let open = true

  function erase(): string {
    const columns = stderr.columns || 80
    // A line wider than the terminal has become (it was resized) takes several rows.
    const rows = drawn.reduce((sum, length) => sum + Math.max(1, Math.ceil(length / columns)), 0)
    return rows > 0 ? `\x1b[${rows}F${CLEAR_BELOW}` : ''
  }

  function redraw(above = ''): void {
    const frame = {
      columns: stderr.columns || 80,
      rows: stderr.rows || 24,
      elapsed: Date.now() - begun,
      deadline,
      paint,
    }
    const lines = draw(tally, frame)
    stderr.write(`${erase()}${above}${lines.join('\n')}\n`)
    drawn = lines.map((line) => stripVTControlCharacters(line).length)
  }

  function close(): void {
    if (!open) return
    open = false
    clearInterval(timer)
    stderr.off('resize', onResize)
    process.off('exit', close)
    stderr.write(`${erase()}${SHOW_CURSOR}`)
  }

  const onResize = () => redraw()
  const timer = setInterval(() => redraw(), FRAME_MS)
  timer.unref()
  stderr.on('resize', onResize)
  process.on('exit', close)
  stderr.write(HIDE_CURSOR)
  redraw()

  return {
    show(event) {
      if (!open) return
      tally.add(event)
      if (event.type === 'notice') redraw(`${printable(event.message)}\n`)
    },
    close,
  }
}
