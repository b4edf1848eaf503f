import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type BundleReader, openBundle } from '../../src/bundle/reader.ts'
import { analyze } from '../../src/rca/analyze.ts'
import { bundleOf, NOW, resourceOf, type Scene, type Thing } from '../incident/scene.ts'
import { neighbour } from './cases.ts'
import { chatter, hum, noise } from './noise.ts'

const FOLDER = new URL('../../fixtures/incidents', import.meta.url).pathname

/** Recorded clusters in which nothing was wrong. */
const recorded = readdirSync(FOLDER).filter((name) => {
  const path = join(FOLDER, name, 'expected.json')
  return existsSync(path) && JSON.parse(readFileSync(path, 'utf8')).healthy === true
})

const everything = Object.values(noise).flat()

describe('a cluster that is well', () => {
  it.each(Object.entries(noise))('%s has no cause', async (_, objects) => {
    const { sure, status } = await explain(bundleOf({ objects: [...neighbour, ...objects] }))
    expect(sure).toEqual([])
    expect(status).not.toBe('explained')
  })

  it('with all of that at once, and programs that complain, has no cause', async () => {
    const scene = { objects: [...neighbour, ...everything], logs: chatter }
    expect((await explain(bundleOf(scene))).sure).toEqual([])
  })

  it('with all of that, and with what its nodes write and count, has no cause', async () => {
    expect((await explain(bundleOf({ objects: neighbour, files: hum }))).sure).toEqual([])
    expect(
      (await explain(bundleOf({ objects: [...neighbour, ...everything], logs: chatter, files: hum }))).sure,
    ).toEqual([])
  })

  it.each(kindsOf(everything))('with all of that has no cause where %s could not be read', async (kind) => {
    const scene = { objects: [...neighbour, ...everything], logs: chatter, denied: [kind] }
    expect((await explain(bundleOf(scene))).sure).toEqual([])
  })

  it.each(recorded)('with all of that beside what was recorded has no cause: %s', { timeout: 30_000 }, async (name) => {
    const bundle = await openBundle(join(FOLDER, name, 'bundle.tar.gz'))
    try {
      expect((await explain(beside(bundle, { objects: everything, logs: chatter }))).sure).toEqual([])
    } finally {
      await bundle.close()
    }
  })
})

async function explain(bundle: BundleReader): Promise<{ sure: readonly string[]; status: string }> {
  const { causes, verdict } = await analyze(bundle, { name: 'scene', toolVersion: '0' })
  const sure = causes.filter(({ confidence }) => confidence === 'confirmed' || confidence === 'probable')
  return { sure: sure.map(({ rule, subject, says }) => `${rule} ${subject.name}: ${says}`), status: verdict.status }
}

function kindsOf(objects: readonly Thing[]): readonly string[] {
  return [...new Set([...objects.map(resourceOf), 'logs'])].sort()
}

/** A bundle that holds a scene too, as pages of their own; the times of the scene are counted back from the end of the bundle. */
function beside(bundle: BundleReader, scene: Scene): BundleReader {
  const made = bundleOf(scene)
  const later = Date.parse(bundle.manifest.window.end) - Date.parse(NOW)
  const paths = new Map([...made.files.keys()].map((path) => [path.replace('/0001.json', '/9999.json'), path]))
  const bodies = new Map<string, Promise<Buffer>>()
  const bodyOf = (path: string): Promise<Buffer> | undefined => {
    const own = paths.get(path)
    if (own !== undefined && !bodies.has(path))
      bodies.set(
        path,
        made.read(own).then((body) => shift(body, later)),
      )
    return bodies.get(path)
  }
  const added = made.manifest.ledger
    .filter(({ files }) => files.length > 0)
    .map((line) => ({ ...line, files: line.files.map((path) => path.replace('/0001.json', '/9999.json')) }))
  return {
    ...bundle,
    manifest: { ...bundle.manifest, ledger: [...bundle.manifest.ledger, ...added] },
    files: new Map([...bundle.files, ...[...paths].map(([path, own]) => [path, made.files.get(own) ?? 0] as const)]),
    read: async (path) => (await bodyOf(path)) ?? bundle.read(path),
    readRange: async (path, offset, length) =>
      (await bodyOf(path))?.subarray(offset, offset + length) ?? bundle.readRange(path, offset, length),
    async *stream(path, offset = 0) {
      const body = await bodyOf(path)
      if (body) yield body.subarray(offset)
      else yield* bundle.stream(path, offset)
    },
  }
}

/** Every time in it, so much later; as long as before. */
function shift(body: Buffer, later: number): Buffer {
  const moved = (text: string): string => new Date(Date.parse(text) + later).toISOString().replace(/\.\d+Z$/, 'Z')
  return Buffer.from(body.toString().replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, moved))
}
