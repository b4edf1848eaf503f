import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import type { KubeClient } from '../../../src/sources/kube/client.ts'
import type { ConnectOptions } from '../../../src/sources/kube/connect.ts'
import { connectTo } from './server.ts'

/** An API server whose pods take WebSockets: `take` gets each one, with its request. */
export async function servePods(options: {
  readonly protocols?: readonly string[]
  readonly take: (socket: WebSocket, request: IncomingMessage) => void
  readonly refuse?: (request: IncomingMessage) => { status: number; body: unknown } | undefined
  /** Answers what is no WebSocket; 404 where it is not given. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => void
  readonly cluster?: object
  readonly user?: object
  readonly connect?: Partial<ConnectOptions>
}): Promise<{ readonly kube: KubeClient; readonly requests: string[] }> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const known = options.protocols ?? ['v5.channel.k8s.io', 'v4.channel.k8s.io']
  const webSockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => [...offered].find((one) => known.includes(one)) ?? false,
  })
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    requests.push(`${request.method} ${request.url}`)
    if (options.answer) options.answer(request, response)
    else response.writeHead(404).end()
  })
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    requests.push(`${request.method} ${request.url}`)
    const refusal = options.refuse?.(request)
    if (refusal) {
      const body = JSON.stringify(refusal.body)
      socket.end(
        `HTTP/1.1 ${refusal.status} No\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      )
      return
    }
    webSockets.handleUpgrade(request, socket, head, (one) => options.take(one, request))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  const cluster = { server: `http://127.0.0.1:${port}`, ...options.cluster }
  const kube = await connectTo(cluster, options.user, options.connect)
  return { kube, requests }
}

/** A message of one channel. */
export function onChannel(channel: number, data: string | Buffer): Buffer {
  return Buffer.concat([Buffer.of(channel), Buffer.from(data)])
}
