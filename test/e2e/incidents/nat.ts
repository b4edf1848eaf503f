import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { must, NETWORK } from '../cluster/node.ts'

/** The address of the bank, of a range that is kept for papers (RFC 5737); the port as the settlements have it. */
const ADDRESS = '203.0.113.20'
const PORT = 7080

/** A NAT gateway forgets a connection after 350 s without a packet. */
const IDLE_MS = 350_000

/**
 * A bank on the other side of a gateway, which forgets idle connections as a NAT gateway of AWS does: it tells nobody, and answers the next
 * packet of one with a reset (docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html).
 */
export async function openBankBehindNat(): Promise<{ close(): void }> {
  must('ip', 'addr', 'add', `${ADDRESS}/32`, 'dev', NETWORK.bridge)
  // The bank keeps a connection for as long as its client does.
  const bank = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    request.resume().on('end', () => response.end('{"booked":true}'))
  })
  bank.listen(0, '127.0.0.1')
  await once(bank, 'listening')
  const { port } = bank.address() as AddressInfo
  const gateway = createTcpServer((inner) => translate(inner, connect(port, '127.0.0.1')))
  gateway.listen(PORT, ADDRESS)
  await once(gateway, 'listening')
  return {
    close() {
      gateway.close()
      bank.close()
      bank.closeAllConnections()
    },
  }
}

function translate(inner: Socket, outer: Socket): void {
  let last = Date.now()
  inner.on('data', (data) => {
    if (Date.now() - last >= IDLE_MS) inner.resetAndDestroy()
    else outer.write(data)
    last = Date.now()
  })
  outer.on('data', (data) => {
    last = Date.now()
    inner.write(data)
  })
  for (const [one, other] of [
    [inner, outer],
    [outer, inner],
  ] as const) {
    one.on('close', () => other.destroy())
    one.on('error', () => other.destroy())
  }
}
