import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, it } from 'vitest'
import { LEDGER_STATUSES, type Manifest } from '../../src/bundle/format.ts'
import { openBundle } from '../../src/bundle/reader.ts'
import { HEAD, makeBundle, saveBundle } from './sample.ts'

const schema = JSON.parse(readFileSync(new URL('../../src/bundle/manifest.schema.json', import.meta.url), 'utf8'))
const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true })
ajv.addFormat('date-time', (text: string) => !Number.isNaN(Date.parse(text)) && /^\d{4}-.*Z$/.test(text))
const isManifest = ajv.compile(schema)

it('holds for the manifest of a bundle', async () => {
  expect(errorsOf(await manifestOf(await makeBundle([['cluster/version.json', '{}']])))).toEqual([])
})

it('holds for the manifest of a capture that got nothing', async () => {
  const head = {
    ...HEAD,
    cluster: { ...HEAD.cluster, version: null },
    window: { ...HEAD.window, clockOffsetMs: null },
    identity: { username: null, groups: [], context: null },
    outcome: { status: 'none', ended: 'interrupted', reason: 'SIGINT' },
    scope: { namespaces: ['till', 'kasse'], focus: [] },
    cost: { ...HEAD.cost, latency: { p50: null, p99: null } },
  } satisfies typeof HEAD
  expect(errorsOf(await manifestOf(await makeBundle([], { head })))).toEqual([])
})

it('holds for the manifest that is rebuilt when none came', async () => {
  const line = { ...HEAD.ledger[0], status: 'partial' }
  const cut = await makeBundle([['run/ledger/0001.jsonl', `${JSON.stringify(line)}\n`]], { finish: false })
  const manifest = await manifestOf(cut)
  expect(manifest.ledger).toEqual([line])
  expect(errorsOf(manifest)).toEqual([])
})

it('knows every status of the ledger', () => {
  expect(schema.properties.ledger.items.properties.status.enum).toEqual(LEDGER_STATUSES)
})

it('refuses what is none', async () => {
  const manifest = await manifestOf(await makeBundle([]))
  for (const key of Object.keys(manifest)) expect(errorsOf({ ...manifest, [key]: undefined }), key).not.toEqual([])
  expect(errorsOf({ ...manifest, format: { type: 'freezeframe-bundle', version: 2 } })).not.toEqual([])
  expect(errorsOf({ ...manifest, root: 'none' })).not.toEqual([])
})

async function manifestOf(bytes: Buffer): Promise<Manifest> {
  const bundle = await openBundle(await saveBundle(bytes))
  await bundle.close()
  return bundle.manifest
}

function errorsOf(manifest: unknown): string[] {
  isManifest(JSON.parse(JSON.stringify(manifest)))
  return (isManifest.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)
}
