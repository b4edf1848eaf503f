import { FreezeframeError } from '../error.ts'

/** One place that the bundle goes to. */
export interface Sink {
  /** Where the bundle is, or will be: changes when it gets its final name. */
  readonly target: string
  bytes: number
  error: string | undefined
  write(piece: Buffer): Promise<void>
  /** Makes what was written durable and gives it its final name. */
  finish(): Promise<void>
  /** Lets go of a sink that failed; what was written stays. */
  leave(error: Error): void
  /** Removes what was begun. */
  discard(): Promise<void>
}

/** What an error of the operating system means for whoever chose the output; an error that says it already passes. */
export function describeWriteError(path: string, cause: unknown): FreezeframeError {
  if (cause instanceof FreezeframeError) return cause
  const code = (cause as NodeJS.ErrnoException).code
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new FreezeframeError('OUTPUT_FULL', `Cannot write ${path}: no space left on the device.`, {
      remedy: 'What was written so far can be opened; free some space or choose another place with --output.',
      cause,
    })
  }
  const why = code === 'ENOENT' ? 'the folder does not exist' : code === 'EACCES' ? 'permission denied' : code
  return unwritable(path, why ?? String(cause), cause)
}

/** The error of an output that cannot be written, with the reason. */
export function unwritable(path: string, why: string, cause?: unknown): FreezeframeError {
  return new FreezeframeError('OUTPUT_UNWRITABLE', `Cannot write ${path}: ${why}.`, {
    remedy: 'Choose a place that can be written with --output.',
    cause,
  })
}
