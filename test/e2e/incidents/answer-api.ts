import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { createCertificate } from '../cluster/certificates.ts'
import { WORK_DIR } from '../cluster/cluster.ts'
import { NETWORK } from '../cluster/node.ts'

/** Answers for an aggregated API at the host's address: by path, and nothing else is known. */
export async function answerApi(
  port: number,
  answer: (path: string) => Promise<unknown> | unknown,
): Promise<{ close(): void }> {
  const pki = join(WORK_DIR, 'pki')
  await createCertificate(pki, 'metrics', '/CN=metrics', `IP:${NETWORK.host}`)
  const [cert, key] = await Promise.all(['metrics.crt', 'metrics.key'].map((name) => readFile(join(pki, name))))
  const server = createServer({ ...(cert ? { cert } : {}), ...(key ? { key } : {}) }, async (request, response) => {
    const body = await answer(new URL(request.url ?? '', 'https://metrics').pathname)
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })
  server.listen(port, NETWORK.host)
  await once(server, 'listening')
  return {
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
