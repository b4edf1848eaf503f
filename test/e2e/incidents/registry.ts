import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A registry that is there and has nothing: whoever asks it for an image is told so, as the real ones do. */
export async function openRegistry(host: string): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const isVersionCheck = /^\/v2\/?$/.test(request.url ?? '')
    const answer = isVersionCheck ? {} : { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] }
    response.writeHead(isVersionCheck ? 200 : 404, { 'content-type': 'application/json' })
    response.end(request.method === 'HEAD' ? undefined : JSON.stringify(answer))
  })
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://${host}:${port}`, close: () => server.close() }
}
