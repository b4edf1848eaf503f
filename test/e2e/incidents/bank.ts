import { once } from 'node:events'
import { createServer } from 'node:http'
import { NETWORK } from '../cluster/node.ts'

/** As the EndpointSlice of the Service `shop/bank` says. */
const PORT = 7080

/** A bank outside of the cluster: it says that it is there, until it is closed. */
export async function openBank(): Promise<{ close(): void }> {
  const server = createServer((_, response) => response.end('{"open":true}'))
  server.listen(PORT, NETWORK.host)
  await once(server, 'listening')
  return {
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
