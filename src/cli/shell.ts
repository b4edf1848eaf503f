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

/** No colours: what goes into a file. */
export const plainPaint: Paint = (_, text) => text

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
  return new FreezeframeError('OUTPUT_FULL', `Cannot write to stdout: ${explainLoss(error)}.`, {
    remedy: 'The result was not printed; send stdout elsewhere.',
    cause: error,
  })
}

/**
 * Writes a line that there is no use in going on without. Throws OUTPUT_FULL where nobody got it: it is full, or whoever should have read it
 * is gone.
 */
export async function writeNeeded(stream: NodeJS.WriteStream, line: string): Promise<void> {
  const written = Promise.withResolvers<void>()
  stream.write(line, (error) => (error ? written.reject(error) : written.resolve()))
  await written.promise.catch((error: NodeJS.ErrnoException) => {
    throw new FreezeframeError('OUTPUT_FULL', `Cannot write to stdout: ${explainLoss(error)}.`, {
      remedy: 'What was printed there is needed; send stdout elsewhere.',
      cause: error,
    })
  })
}

/** Why a stream took no more, in words. */
function explainLoss({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOSPC') return 'no space left on the device'
  return code === 'EPIPE' ? 'nobody reads it' : (code ?? message)
}

/** One line of JSON. */
export function writeJson(stream: NodeJS.WriteStream, value: object): void {
  stream.write(`${JSON.stringify(value)}\n`)
}
