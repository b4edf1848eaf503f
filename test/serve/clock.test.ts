import { expect, it } from 'vitest'
import { openBundle } from '../../src/bundle/reader.ts'
import { openReplay } from '../../src/serve/replay.ts'
import { startServer } from '../../src/serve/server.ts'
import { makeBundle, saveBundle } from '../bundle/sample.ts'

it('a replay tells the time of the capture, so that what captures it reckons the same ages', async () => {
  const replay = openReplay(await openBundle(await saveBundle(await makeBundle([['cluster/version.json', '{}']]))))
  const server = await startServer(await replay, { address: '127.0.0.1', port: 0, token: 't', certificate: undefined })
  const response = await fetch(`${server.url}/version`, { headers: { authorization: 'Bearer t' } })
  expect(response.headers.get('date')).toBe('Sat, 31 Jan 2026 23:59:59 GMT')
  await server.close()
})
