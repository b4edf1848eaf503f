import { expect, onTestFinished, test, vi } from 'vitest'
import { connectTo, get, serve } from './server.ts'

/** Lets a minute pass for whoever looks at the clock. */
function passAMinute(): void {
  const now = performance.now.bind(performance)
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + 60_000)
  onTestFinished(() => clock.mockRestore())
}

test('a server that answers nothing, ever, is not waited for again after a minute', async () => {
  const { url, requests } = await serve(() => {})
  const kube = await connectTo({ server: url })
  await expect(kube.get('/api', { ...get(), timeout: 50 })).rejects.toMatchObject({ reason: 'Timeout' })
  passAMinute()
  await expect(kube.get('/version', get())).rejects.toMatchObject({
    code: 'SERVER_UNREACHABLE',
    message: expect.stringContaining(`${new URL(url).host} has not answered`),
  })
  expect(requests).not.toContain('GET /version')
})

test('one that has ever answered is asked on', async () => {
  const { url } = await serve((_, response) => response.end('{}'))
  const kube = await connectTo({ server: url })
  await kube.get('/api', get())
  passAMinute()
  expect((await kube.get('/version', get())).status).toBe(200)
})
