import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { BundleOutput } from '../bundle/writer.ts'
import { FreezeframeError } from '../error.ts'
import { openFileSink } from './file-sink.ts'
import { type Patience, withPatience } from './patience.ts'
import { describeWriteError, type Sink, unwritable } from './sink.ts'
import { openStdoutSink } from './stdout-sink.ts'

/** Every output of a run at once; one that fails is left behind, and only when none is left does the run fail. */
export interface Sinks extends BundleOutput {
  /** Makes what was written durable and gives it its final name. */
  finish(): Promise<void>
  /** Removes what was begun: for a run that captured nothing. */
  discard(): Promise<void>
  /** Where the bundle is (or, on a failed sink, where its beginning is), with the bytes that reached it. */
  results(): readonly { readonly target: string; readonly bytes: number; readonly error?: string }[]
}

/** What a sink is handed at a time: as much as a pipe holds (Linux, pipe(7)), so that a slow one can be told from a dead one. */
const PIECE = 64 * 1024

/** A sink that takes no piece for this long, while another one waits, is left behind: the evidence would die with it. */
const STALLED_MS = 10_000

/** The same once the run has ended: closing is promised within two seconds. */
const STALLED_AT_END_MS = 1000

/**
 * Opens every output before anything is asked of the cluster; `ended` fires when the run ends. Throws OUTPUT_EXISTS, OUTPUT_UNWRITABLE,
 * or OPTION_INVALID where two outputs are the same file, with nothing left behind.
 */
export async function openSinks(
  outputs: readonly string[],
  name: string,
  overwrite: boolean,
  ended: AbortSignal,
): Promise<Sinks> {
  const targets = await resolveTargets(outputs, name)
  const sinks: Sink[] = []
  try {
    for (const target of targets) sinks.push(target === '-' ? openStdoutSink() : await openFileSink(target, overwrite))
  } catch (error) {
    await Promise.all(sinks.map((sink) => sink.discard()))
    throw error
  }
  const live = () => sinks.filter((sink) => sink.error === undefined)
  const patience = { usual: STALLED_MS, hurried: STALLED_AT_END_MS, hurry: ended, alone: () => live().length === 1 }
  return {
    async write(chunk) {
      const errors = await Promise.all(live().map((sink) => pour(sink, chunk, patience)))
      const [last] = errors.filter((error) => error !== undefined)
      if (last !== undefined && live().length === 0) throw last
    },
    async finish() {
      for (const sink of live()) await sink.finish().catch((error) => markFailed(sink, error))
    },
    discard: async () => void (await Promise.all(sinks.map((sink) => sink.discard()))),
    results: () =>
      sinks.map(({ target, bytes, error }) => (error === undefined ? { target, bytes } : { target, bytes, error })),
  }
}

/** Hands a chunk over piece by piece; resolves with the error that ended the sink, if one did. */
async function pour(sink: Sink, chunk: Buffer, patience: Patience): Promise<FreezeframeError | undefined> {
  try {
    for (let offset = 0; offset < chunk.length; offset += PIECE) {
      const piece = chunk.subarray(offset, offset + PIECE)
      await withPatience(sink.write(piece), patience, (after) => stalledError(sink, after))
      sink.bytes += piece.length
    }
    return undefined
  } catch (error) {
    return markFailed(sink, error)
  }
}

function markFailed(sink: Sink, cause: unknown): FreezeframeError {
  const error = describeWriteError(sink.target, cause)
  sink.error = error.message
  sink.leave(error)
  return error
}

function stalledError(sink: Sink, after: number): FreezeframeError {
  return unwritable(sink.target, `it took nothing for ${after / 1000} s`)
}

/** Turns folders into files, and refuses one file in two spellings: two sinks would write it over each other. */
async function resolveTargets(outputs: readonly string[], name: string): Promise<readonly string[]> {
  const targets = new Map<string, string>()
  for (const output of outputs) {
    const target = output === '-' ? output : await resolveTarget(output, name)
    const place = output === '-' ? output : await describePlace(target)
    if (targets.has(place)) {
      throw new FreezeframeError('OPTION_INVALID', `--output "${output}" is named twice.`, {
        remedy: 'Name each output once.',
      })
    }
    targets.set(place, target)
  }
  return [...targets.values()]
}

async function resolveTarget(output: string, name: string): Promise<string> {
  const isFolder = output.endsWith('/') || (await stat(output).catch(() => undefined))?.isDirectory()
  return isFolder ? join(output, `${name}.tar.gz`) : output
}

/** The same for every spelling of a path, also through a link to its folder. */
async function describePlace(target: string): Promise<string> {
  const folder = dirname(target)
  return join(await realpath(folder).catch(() => resolve(folder)), basename(target))
}
