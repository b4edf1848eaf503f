import { Duplex } from 'node:stream'
import { type KubeClient, KubeError } from './client.ts'
import type { WebSocket } from './websocket.ts'

/** Channels of one port: data, and what the kubelet says of it (kubernetes/kubelet, pkg/cri/streaming/portforward/websocket.go). */
const DATA = 0
const ERROR = 1

/** The one protocol of a port-forward whose channels carry bytes as they are. */
const PROTOCOLS = ['v4.channel.k8s.io']

/** The first message of each channel is the port, two bytes. */
const PORT_BYTES = 2

/** The reason of an error by which the kubelet says that it reached the pod, and not the port. */
export const PORT_FAILED = 'PortFailed'

/** A port inside a pod, or of its node where the pod has the node's network. */
export interface ForwardTarget {
  readonly namespace: string
  readonly pod: string
  readonly port: number
}

/**
 * Opens a connection to a port of a pod, through the API server and the kubelet. It is a stream like any other, with back-pressure; where the
 * kubelet cannot connect, it is destroyed with the kubelet's words. Throws KubeError where it is refused.
 */
export async function forwardPort(
  kube: Pick<KubeClient, 'connect'>,
  { namespace, pod, port }: ForwardTarget,
  options: { readonly signal: AbortSignal; readonly timeout?: number },
): Promise<Duplex> {
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/portforward?ports=${port}`
  const socket = await kube.connect(path, { ...options, protocols: PROTOCOLS })
  return openStream(socket, options.signal)
}

function openStream(socket: WebSocket, signal: AbortSignal): Duplex {
  let resume: (() => void) | undefined
  const stream = new Duplex({
    signal,
    read() {
      resume?.()
    },
    write(chunk: Buffer, _, done) {
      socket.send(Buffer.concat([Buffer.of(DATA), chunk])).then(() => done(), done)
    },
    destroy(error, done) {
      resume?.()
      socket.close()
      done(error)
    },
  })
  pump().catch((error: Error) => stream.destroy(error))
  return stream

  /** Takes what comes only as fast as it is read. */
  async function pump(): Promise<void> {
    for await (const data of readData(socket)) {
      if (stream.destroyed) return
      if (stream.push(data)) continue
      await new Promise<void>((done) => {
        resume = done
      })
      resume = undefined
    }
    stream.push(null)
  }
}

async function* readData(socket: WebSocket): AsyncGenerator<Buffer> {
  const begun = new Set<number>()
  for await (const message of socket.messages) {
    const channel = message[0] ?? -1
    const isFirst = !begun.has(channel)
    begun.add(channel)
    const data = message.subarray(1 + (isFirst ? PORT_BYTES : 0))
    if (data.length === 0) continue
    if (channel === ERROR) throw refused(data.toString('utf8'))
    if (channel === DATA) yield data
  }
}

function refused(words: string): KubeError {
  return new KubeError({ message: words.trim().slice(0, 1000), status: 0, reason: PORT_FAILED })
}
