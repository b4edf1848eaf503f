import { expect, it } from 'vitest'
import { type BundleReader, openBundle } from '../../src/bundle/reader.ts'
import { verifyBundle } from '../../src/bundle/verify.ts'
import { FreezeframeError } from '../../src/error.ts'
import { HEAD, likeLogs, makeBundle, saveBundle } from './sample.ts'

const LEDGER = `${JSON.stringify(HEAD.ledger[0])}\n`

/** Flushed now and then, as a capture does, so that what came before a kill is in the file. */
const FILES: ([string, Buffer] | null)[] = [
  ['cluster/version.json', Buffer.from('{"gitVersion":"v1.34.4"}')],
  ['cluster/core/v1/pods/_all/0001.json', likeLogs(3_000)],
  null,
  ['run/ledger/0001.jsonl', Buffer.from(LEDGER + LEDGER)],
  ['logs/till/till-0/app.log', likeLogs(4_000)],
  null,
  ['logs/till/till-1/app.log', likeLogs(500)],
]

it('opens up to the cut and says so, or says that nothing is in it, wherever the file ends', async () => {
  const whole = await makeBundle(FILES)
  let most = 0
  for (let length = 0; length < whole.length; length += length > whole.length - 1_000 ? 13 : 61) {
    const found = await outcomeOf(whole.subarray(0, length))
    if (found instanceof FreezeframeError) {
      expect(['BUNDLE_TRUNCATED', 'BUNDLE_INVALID'], `${length}: ${found.message}`).toContain(found.code)
      expect(found.remedy).toEqual(expect.any(String))
      expect(most, `nothing of ${length} bytes, though less held more`).toBe(0)
      continue
    }
    expect(found.truncated, `cut at ${length}`).toEqual(expect.any(String))
    expect(found.files.size).toBeGreaterThanOrEqual(most)
    for (const [path, bytes] of found.files) {
      expect((await found.read(path)).length, `${path} cut at ${length}`).toBe(bytes)
    }
    most = found.files.size
    await found.close()
  }
  // README, the six files, manifest, index: what was cut last is the end of the gzip member.
  expect(most).toBeGreaterThanOrEqual(7)
}, 60_000)

it('knows the end of the gzip member to be missing, to the last byte', async () => {
  const whole = await makeBundle(FILES)
  for (let missing = 1; missing <= 12; missing++) {
    const found = await outcomeOf(whole.subarray(0, -missing))
    if (found instanceof FreezeframeError) throw found
    expect(found.truncated, `${missing} bytes missing`).toEqual(expect.any(String))
    expect(found.files.has('manifest.json')).toBe(true)
    await found.close()
  }
})

it('has whatever was flushed before a kill, with its ledger, as a partial capture', async () => {
  const path = await saveBundle(await makeBundle(FILES, { finish: false }), 'killed.partial.tar.gz')
  const bundle = await openBundle(path)
  for (const file of FILES) if (file) expect((await bundle.read(file[0])).equals(file[1]), file[0]).toBe(true)
  expect(bundle.truncated).toBe('it is cut off')
  expect(bundle.manifest.outcome).toMatchObject({ status: 'partial', ended: 'failed' })
  expect(bundle.manifest.ledger).toEqual([HEAD.ledger[0], HEAD.ledger[0]])
  expect(bundle.manifest.cluster.version).toBe('v1.34.4')
  expect(bundle.manifest.files.map((file) => file.path)).toEqual([...bundle.files.keys()])
  await bundle.close()
  const found = await verifyBundle(path)
  expect(found).toMatchObject({ status: 'damaged', problems: ['The bundle is not whole: it is cut off.'] })
})

it('says in a sentence that nothing is in a bundle that was killed at once', async () => {
  const path = await saveBundle((await makeBundle(FILES)).subarray(0, 10))
  await expect(openBundle(path)).rejects.toMatchObject({
    code: 'BUNDLE_TRUNCATED',
    message: `${path} is cut off before its first file is whole: nothing can be read from it.`,
    remedy: expect.any(String),
  })
})

it('leaves out the ledger line that the cut went through, and what is no line of a ledger', async () => {
  const torn = `{"status":"fine","scope":{}}\nnull\n[]\n${LEDGER}${LEDGER.slice(0, 30)}`
  const bundle = await openBundle(
    await saveBundle(await makeBundle([['run/ledger/0001.jsonl', torn]], { finish: false })),
  )
  expect(bundle.manifest.ledger).toEqual([HEAD.ledger[0]])
  await bundle.close()
})

/** The open bundle, or the error that a person would see; anything else is a defect. */
async function outcomeOf(bytes: Buffer): Promise<BundleReader | FreezeframeError> {
  return openBundle(await saveBundle(bytes)).catch((error) => {
    if (error instanceof FreezeframeError) return error
    throw error
  })
}
