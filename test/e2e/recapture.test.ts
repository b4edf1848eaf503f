import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { expectSame, hold, recapture } from '../serve/recapture.ts'

const INCIDENTS = new URL('../../fixtures/incidents/', import.meta.url).pathname

// No real server is needed for this, but half a minute of processor time.
it.each(readdirSync(INCIDENTS))('a capture of the replayed %s holds what that holds, byte for byte', async (name) => {
  const source = `${INCIDENTS}${name}/bundle.tar.gz`
  const held = await hold(source)
  expect(Object.keys(held.objects).length).toBeGreaterThan(10)
  expectSame(await recapture(source), held)
})
