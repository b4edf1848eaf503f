import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { KubeClient } from '../../../src/sources/kube/client.ts'
import { type ConnectOptions, connectKube } from '../../../src/sources/kube/connect.ts'

/** A server on loopback that remembers what it was asked; it ends with the test. */
export interface TestServer {
  readonly url: string
  readonly port: number
  /** `GET /path?query` of every request, in order. */
  readonly requests: string[]
  /** Connections that were opened. */
  connections(): number
}

export type Handle = (request: IncomingMessage, response: ServerResponse, number: number) => void

/** Starts an HTTP server, or with a certificate an HTTPS one; `handle` gets the number of the request, from 1. */
export async function serve(handle: Handle, tls?: ServerOptions): Promise<TestServer> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    requests.push(`${request.method} ${request.url}`)
    handle(request, response, requests.length)
  }
  const server: Server = tls ? createTlsServer(tls, answer) : createServer(answer)
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`
  return { url, port, requests, connections: () => sockets.size }
}

/** An empty folder that ends with the test. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'freezeframe-kube-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Connects by a kubeconfig whose only context is "test". */
export async function connectTo(
  cluster: { server: string; [field: string]: unknown },
  user: object = {},
  options: Partial<ConnectOptions> = {},
): Promise<KubeClient> {
  const path = join(await makeFolder(), 'config')
  const config = {
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  }
  await writeFile(path, JSON.stringify(config))
  const kube = await connectKube({ kubeconfig: path, userAgent: 'freezeframe/test', env: {}, ...options })
  onTestFinished(() => kube.close())
  return kube
}

/** Options of a GET that nobody aborts. */
export function get(): { signal: AbortSignal; verb: 'get' } {
  return { signal: new AbortController().signal, verb: 'get' }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** A failure as the API server writes it, metav1.Status. */
export function sendStatus(response: ServerResponse, code: number, reason: string, message: string, more = {}): void {
  sendJson(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, ...more })
}
