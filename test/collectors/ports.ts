import { connect } from 'node:net'
import type { WebSocket } from 'ws'
import type { ObservedPod, Target } from '../../src/collector.ts'
import type { KubeClient } from '../../src/sources/kube/client.ts'
import { onChannel, servePods } from '../sources/kube/pod-server.ts'
import { serve } from '../sources/kube/server.ts'

/** What a port answers to a path: text of status 200, or all of it. */
export type PortAnswer = string | { readonly status?: number; readonly type?: string; readonly body: string }

/** By pods that refuse a connection, and the status and the words of the API server. */
export type Refusals = Readonly<Record<string, readonly [status: number, message: string]>>

/**
 * Pods whose ports answer by real port-forwards, by `:<port><path>`. On a port without an answer nobody listens, and a path that a port does not
 * know is 404.
 */
export async function servePorts(answers: Readonly<Record<string, PortAnswer>>, refusals: Refusals = {}) {
  const http = await serve((request, response) => {
    const answer = answers[`:${request.headers.host?.split(':')[1]}${request.url}`]
    if (answer === undefined) return response.writeHead(404).end()
    const { status = 200, type = 'text/plain', body } = typeof answer === 'string' ? { body: answer } : answer
    response.writeHead(status, { 'content-type': type }).end(body)
  })
  const listens = (port: string) => Object.keys(answers).some((one) => one.startsWith(`:${port}/`))
  const { kube, requests } = await servePods({
    take(socket, request) {
      const port = new URL(request.url ?? '', 'http://server').searchParams.get('ports') ?? ''
      for (const channel of [0, 1])
        socket.send(onChannel(channel, Buffer.from([Number(port) & 255, Number(port) >> 8])))
      if (listens(port)) relay(socket, http.port)
      else nobody(socket, port)
    },
    refuse(request) {
      const pod = /\/pods\/([^/]+)\//.exec(request.url ?? '')?.[1] ?? ''
      const [status, message] = refusals[pod] ?? []
      if (status === undefined) return undefined
      return { status, body: { kind: 'Status', status: 'Failure', code: status, reason: REASONS[status], message } }
    },
  })
  return { kube: { connect: kube.connect } satisfies Partial<KubeClient>, requests }
}

const REASONS: Readonly<Record<number, string>> = { 403: 'Forbidden', 404: 'NotFound', 500: 'InternalError' }

/** containerd's words for a port that nobody listens on (pkg/cri/server/sandbox_portforward_linux.go). */
function nobody(socket: WebSocket, port: string): void {
  const dialled = `dial tcp4 127.0.0.1:${port}: connect: connection refused`
  socket.send(onChannel(1, `failed to connect to localhost:${port} inside namespace "host", IPv4: ${dialled}\n`))
  socket.close(1000)
}

function relay(socket: WebSocket, port: number): void {
  const stream = connect(port, '127.0.0.1')
  socket.on('message', (message: Buffer) => stream.write(message.subarray(1)))
  socket.on('close', () => stream.destroy())
  stream.on('data', (data: Buffer) => socket.send(onChannel(0, data)))
  stream.on('close', () => socket.close(1000))
  stream.on('error', () => socket.close(1000))
}

/** A running pod of a component, with these containers. */
export function componentTarget(
  name: string,
  ...containers: readonly string[]
): Target & { readonly pod: ObservedPod } {
  const container = { type: 'container', restarts: 0, ready: true, state: 'running', hasPrevious: false } as const
  const pod: ObservedPod = {
    kind: 'Pod',
    namespace: 'kube-system',
    name,
    uid: name,
    nodeName: 'n1',
    phase: 'Running',
    ready: true,
    containers: containers.map((one) => ({ ...container, name: one })),
  }
  return { kind: 'component', pod }
}
