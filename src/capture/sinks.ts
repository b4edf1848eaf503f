import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { BundleOutput } from '../bundle/writer.ts'
import { FreezeframeError } from '../error.ts'
import { openFileSink } from './file-sink.ts'
import { describeWriteError, type Sink } from './sink.ts'
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

/**
 * Opens every output before anything is asked of the cluster. Throws OUTPUT_EXISTS, OUTPUT_UNWRITABLE,
 * or OPTION_INVALID where two outputs are the same file, with nothing left behind.
 */
export async function openSinks(outputs: readonly string[], name: string, overwrite: boolean): Promise<Sinks> {
  const targets = await resolveTargets(outputs, name)
  const sinks: Sink[] = []
  try {
    for (const target of targets) sinks.push(target === '-' ? openStdoutSink() : await openFileSink(target, overwrite))
  } catch (error) {
    await Promise.all(sinks.map((sink) => sink.discard()))
    throw error
  }
  const live = () => sinks.filter((sink) => sink.error === undefined)
  return {
    async write(chunk) {
      const errors = await Promise.all(live().map((sink) => pour(sink, chunk)))
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

/** Resolves with the error that ended the sink, if one did. */
async function pour(sink: Sink, chunk: Buffer): Promise<FreezeframeError | undefined> {
  try {
    await sink.write(chunk)
    sink.bytes += chunk.length
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
