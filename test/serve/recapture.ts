import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { type BundleReader, openBundle } from '../../src/bundle/reader.ts'
import { runCli } from '../cli/run.ts'
import { differences, type Holdings, readHoldings } from './holdings.ts'
import { serveBundle } from './replay-server.ts'

/** What was held is held again; a replay may know more than was asked, made-up discovery for instance. */
export function expectSame(seen: Holdings, held: Holdings): void {
  expect(Object.keys(held.objects).filter((list) => (held.objects[list]?.length ?? 0) > 0)).not.toEqual([])
  expect(differences(seen.objects, held.objects)).toEqual([])
  expect(differences(seen.logs, held.logs)).toEqual([])
  expect(Object.keys(seen.logs)).toEqual(Object.keys(held.logs))
  expect(differences(seen.answers, held.answers)).toEqual([])
  expect(seen.denied).toEqual(held.denied)
}

/** What a bundle holds. */
export async function hold(source: string): Promise<Holdings> {
  const bundle = await openBundle(source)
  const held = await readHoldings(bundle)
  await bundle.close()
  return held
}

/** What a capture of a replayed bundle holds. */
export async function recapture(source: string, args: readonly string[] = []): Promise<Holdings> {
  const bundle = await recaptureBundle(source, args)
  const held = await readHoldings(bundle)
  await bundle.close()
  return held
}

/** Serves a bundle and captures that, as a user would. */
export async function recaptureBundle(source: string, args: readonly string[]): Promise<BundleReader> {
  const served = await serveBundle(source)
  const folder = await mkdtemp(join(tmpdir(), 'freezeframe-recaptured-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const output = join(folder, 'b.tar.gz')
  const { code, stderr } = await runCli([
    'capture',
    '--logs',
    'all',
    '--kubeconfig',
    served.kubeconfig,
    '-o',
    output,
    ...args,
  ])
  await served.close()
  expect(code, stderr).toBeLessThan(2)
  return openBundle(output)
}
