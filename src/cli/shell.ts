import { styleText } from 'node:util'

/** What a command sees of the process: only `src/cli` prints, exits or reads the environment, and all of it through this. */
export interface Shell {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly env: Readonly<Record<string, string | undefined>>
  /** Set by a command's action; 0 complete, 1 partial, 2 could not run. */
  exitCode: number
}

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan'

/** Colours a text for one stream, or returns it as it is. */
export type Paint = (style: Style, text: string) => string

/** The shell of this process. A reader that goes away (`| head`) is no error: what cannot be written is dropped. */
export function openShell(): Shell {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
  return { stdout: process.stdout, stderr: process.stderr, env: process.env, exitCode: 0 }
}

/** Paints as the stream allows: NO_COLOR, FORCE_COLOR, TERM=dumb and pipes are judged by Node (util.styleText, `validateStream`). */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(style, text, { stream })
}

/** Waits until a stream has taken everything; one that is closed has nothing left to take. */
export function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.writable) resolve()
    else stream.write('', () => resolve())
  })
}

/** One line of JSON. */
export function writeJson(stream: NodeJS.WriteStream, value: object): void {
  stream.write(`${JSON.stringify(value)}\n`)
}
