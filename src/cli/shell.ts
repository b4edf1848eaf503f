import { styleText } from 'node:util'
import { FreezeframeError } from '../error.ts'

/** What a command sees of the process: only `src/cli` prints, exits or reads the environment, and all of it through this. */
export interface Shell {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly env: Readonly<Record<string, string | undefined>>
  /** Set by a command's action; 0 complete, 1 partial, 2 could not run. */
  exitCode: number
  /** The first error of stdout. */
  unprinted: NodeJS.ErrnoException | undefined
}

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan'

/** Colours a text for one stream, or returns it as it is. */
export type Paint = (style: Style, text: string) => string

/** The shell of this process. Lost progress must not cost evidence, so no stream's error ends the run; `lostResult` tells of stdout's afterwards. */
export function openShell(): Shell {
  const { stdout, stderr, env } = process
  const shell: Shell = { stdout, stderr, env, exitCode: 0, unprinted: undefined }
  stderr.on('error', () => {})
  stdout.on('error', (error) => {
    shell.unprinted ??= error
  })
  return shell
}

/** Paints as the stream allows: NO_COLOR, FORCE_COLOR, TERM=dumb and pipes are judged by Node (util.styleText, `validateStream`). */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(style, text, { stream })
}

/** Waits until a stream has taken everything; one that is closed has nothing left to take. */
export function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // An error is told a tick after the stream has met it.
    const settled = () => setImmediate(resolve)
    if (stream.writable) stream.write('', settled)
    else settled()
  })
}

/** Why what was printed on stdout did not arrive, or undefined. A reader that goes away (`| head`) wanted no more. */
export function lostResult({ unprinted: error }: Shell): FreezeframeError | undefined {
  if (error === undefined || error.code === 'EPIPE') return undefined
  const why = error.code === 'ENOSPC' ? 'no space left on the device' : (error.code ?? error.message)
  return new FreezeframeError('OUTPUT_FULL', `Cannot write to stdout: ${why}.`, {
    remedy: 'The result was not printed; send stdout elsewhere.',
    cause: error,
  })
}

/** One line of JSON. */
export function writeJson(stream: NodeJS.WriteStream, value: object): void {
  stream.write(`${JSON.stringify(value)}\n`)
}
