import type { Duplex } from 'node:stream'
import { type Dispatcher, Pool } from 'undici'
import { askPool, type PoolRequest } from './ask-pool.ts'
import type { KubeClient, KubeResponse } from './client.ts'
import { type ForwardTarget, forwardPort } from './port-forward.ts'

/** Requests at once to one port; each is a connection through the API server and the kubelet. */
const AT_ONCE = 2

/** The undici form of a connection: given to it open. */
type Connector = (options: object, done: (...result: [Error, null] | [null, never]) => void) => void

/** HTTP to a port of a pod, or of its node where the pod has the node's network. */
export interface PodPort {
  get(path: string, request: PoolRequest): Promise<KubeResponse>
  close(): Promise<void>
}

/** Opens a port of a pod by port-forward; nothing is asked yet. */
export function openPodPort(kube: Pick<KubeClient, 'connect'>, target: ForwardTarget): PodPort {
  const origin = `http://localhost:${target.port}`
  const closing = new AbortController()
  const pool = poolOver(origin, () => forwardPort(kube, target, { signal: closing.signal }))
  return {
    get: (path, request) => askPool(pool, origin, path, request),
    close() {
      closing.abort()
      return pool.destroy()
    },
  }
}

/** A pool of HTTP connections over streams that somebody else opens. */
export function poolOver(origin: string, open: () => Promise<Duplex>): Dispatcher & { destroy(): Promise<void> } {
  const connect: Connector = (_, done) => {
    open().then(
      (stream) => done(null, stream as never),
      (error: Error) => done(error, null),
    )
  }
  return new Pool(origin, { connections: AT_ONCE, pipelining: 1, allowH2: false, connect: connect as never })
}
