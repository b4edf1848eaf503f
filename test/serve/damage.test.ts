import { readFile, writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { openBundle } from '../../src/bundle/reader.ts'
import { openReplay } from '../../src/serve/replay.ts'
import { startServer } from '../../src/serve/server.ts'
import { likeLogs, makeBundle, saveBundle } from '../bundle/sample.ts'

it('a part that is damaged is refused with a warning that every client shows, and costs nothing else', async () => {
  const path = await saveBundle(
    await makeBundle([
      ['cluster/discovery/api.json', likeLogs(20_000)],
      ['cluster/discovery/apis.json', '{"groups":[]}'],
      null,
      ['cluster/version.json', '{"gitVersion":"v1.34.4"}'],
    ]),
  )
  const bytes = await readFile(path)
  bytes[8_000] = (bytes[8_000] ?? 0) ^ 1
  await writeFile(path, bytes)
  const replay = await openReplay(await openBundle(path))
  const server = await startServer(replay, { address: '127.0.0.1', port: 0, token: 't', certificate: undefined })
  const ask = (place: string) => fetch(`${server.url}${place}`, { headers: { authorization: 'Bearer t' } })
  const damaged = await ask('/api')
  expect(damaged.status).toBe(500)
  expect(damaged.headers.get('warning')).toMatch(/^299 - "the bundle cannot be read: /)
  expect(await damaged.json()).toMatchObject({ kind: 'Status', message: expect.stringContaining('cannot be read') })
  expect(await (await ask('/version')).json()).toEqual({ gitVersion: 'v1.34.4' })
  await server.close()
})
