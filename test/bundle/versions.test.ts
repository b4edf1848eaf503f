import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FORMAT } from '../../src/bundle/format.ts'
import { openBundle } from '../../src/bundle/reader.ts'
import { verifyBundle } from '../../src/bundle/verify.ts'
import { runCli } from '../cli/run.ts'
import { HEAD, makeBundle, saveBundle } from './sample.ts'

const FIXTURES = new URL('../../fixtures/bundles/', import.meta.url).pathname
const UID = '6f1f7d52-6d3c-4be3-9a3e-51d2e6f4a9c1'

it('keeps a bundle of every format version', async () => {
  const versions = Array.from({ length: FORMAT.version }, (_, number) => `v${number + 1}`)
  expect(await readdir(FIXTURES)).toEqual(expect.arrayContaining(versions))
})

it('still opens a bundle of version 1, and finds it intact', async () => {
  const source = join(FIXTURES, 'v1', 'freezeframe-orchard-20260131T235959Z.tar.gz')
  expect(await verifyBundle(source)).toEqual({
    status: 'intact',
    problems: [],
    files: 9,
    bytes: expect.any(Number),
    root: '0f4cc43fb8f90bf0be7952b96503acddb673236daf359a3c501519e2b4297ced',
    cluster: 'orchard',
    window: { start: '2026-01-31T23:59:40.000Z', end: '2026-01-31T23:59:59.000Z' },
    outcome: 'complete',
    manifest: 'captured',
  })
  const bundle = await openBundle(source)
  expect([...bundle.files.keys()]).toEqual([
    'README.txt',
    'cluster/version.json',
    'cluster/core/v1/pods/_all/0001.json',
    'cluster/core/v1/nodes/_all/0001.json',
    'changes/pods/000001.jsonl',
    `logs/press/cider-0/${UID}/press.log`,
    `logs/press/cider-0/${UID}/press.previous.log`,
    'apiserver/readyz.txt',
    'run/ledger/0001.jsonl',
    'manifest.json',
  ])
  const pods = JSON.parse((await bundle.read('cluster/core/v1/pods/_all/0001.json')).toString())
  expect(pods.items.map((pod: { metadata: { name: string } }) => pod.metadata.name)).toEqual(['cider-0', 'cider-1'])
  expect(bundle.manifest.ledger.at(-1)).toMatchObject({ scope: { resource: 'secrets' }, status: 'not-asked' })
  await bundle.close()
})

it('refuses a newer version in one sentence, without looking any further', async () => {
  const source = join(FIXTURES, 'from-the-future')
  const sentence = `${source} has format version 2; this freezeframe reads up to ${FORMAT.version}.`
  await expect(openBundle(source)).rejects.toMatchObject({ code: 'BUNDLE_TOO_NEW', message: sentence })
  expect(await runCli(['verify', source])).toMatchObject({
    code: 2,
    stderr: `error: ${sentence}\nInstall a newer freezeframe.\n`,
  })
})

it('refuses a newer version in an archive, too', async () => {
  const head = { ...HEAD, format: { ...FORMAT, version: FORMAT.version + 1 } }
  const source = await saveBundle(await makeBundle([], { head }))
  await expect(openBundle(source)).rejects.toMatchObject({ code: 'BUNDLE_TOO_NEW' })
})

it('ignores what a later writer of the same version may have added', async () => {
  const head = { ...HEAD, cluster: { ...HEAD.cluster, flavour: 'new' }, extra: { deep: [1] } }
  const source = await saveBundle(await makeBundle([], { head }))
  expect(await verifyBundle(source)).toMatchObject({ status: 'intact' })
})

it('has its version in the schema that is published', () => {
  const schema = JSON.parse(readFileSync(new URL('../../src/bundle/manifest.schema.json', import.meta.url), 'utf8'))
  expect(schema.properties.format.properties).toEqual({
    type: { const: FORMAT.type },
    version: { const: FORMAT.version },
  })
})
