import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyBundle } from '../../../src/bundle/verify.ts'
import { differences, type Holdings, readHoldings } from '../../serve/holdings.ts'
import { type ServedBundle, serveBundle } from '../../serve/replay-server.ts'
import { type Finished, freezeframe, makeFolder, openOnly } from '../run.ts'

let first: Awaited<ReturnType<typeof makeFolder>>
let second: Awaited<ReturnType<typeof makeFolder>>
let served: ServedBundle
let again: Finished
let held: Holdings
let seen: Holdings

beforeAll(async () => {
  first = await makeFolder()
  second = await makeFolder()
  const { code, stdout, stderr } = await freezeframe(['capture', '--logs', 'all', '-o', first.path])
  expect(code, stderr).toBe(0)
  held = await hold(first.path)
  served = await serveBundle(stdout.trim(), { tls: true })
  again = await freezeframe(['capture', '--logs', 'all', '-o', second.path], { kubeconfig: served.kubeconfig })
  seen = await hold(second.path)
})
afterAll(async () => {
  await served?.close()
  await first?.remove()
  await second?.remove()
})

async function hold(folder: string): Promise<Holdings> {
  const bundle = await openOnly(folder)
  const holdings = await readHoldings(bundle)
  await bundle.close()
  return holdings
}

describe('a capture of the replay of the real cluster', () => {
  it('is as complete as the capture of the cluster was, and intact', async () => {
    expect(again.code, again.stderr).toBe(0)
    expect(await verifyBundle(again.stdout.trim())).toMatchObject({ status: 'intact', problems: [] })
  })

  it('holds the same objects of every resource, byte for byte', () => {
    const count = Object.values(held.objects).reduce((sum, objects) => sum + objects.length, 0)
    expect(count).toBeGreaterThan(300)
    expect(differences(seen.objects, held.objects)).toEqual([])
    expect(Object.keys(seen.objects)).toEqual(Object.keys(held.objects))
  })

  it('holds the same logs, with their gaps, and no other', () => {
    expect(Object.keys(held.logs).length).toBeGreaterThan(10)
    expect(Object.values(held.logs).some((text) => text.includes('--- freezeframe gap: '))).toBe(true)
    expect(differences(seen.logs, held.logs)).toEqual([])
    expect(Object.keys(seen.logs)).toEqual(Object.keys(held.logs))
  })

  it('holds the same discovery, OpenAPI, version and answers of the API server', () => {
    expect(Object.keys(held.answers).length).toBeGreaterThan(30)
    expect(differences(seen.answers, held.answers)).toEqual([])
    expect(Object.keys(seen.answers)).toEqual(Object.keys(held.answers))
  })
})
