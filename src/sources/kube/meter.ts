import type { AskedFor, KubeClient } from './client.ts'
import { countBytes } from './count-bytes.ts'

/** Counts what passes a client; `take` gives what has passed since it was last called, and `idle` says that it is nothing. */
export function meterRequests(kube: KubeClient): { kube: KubeClient; idle(): boolean; take(): AskedFor } {
  let requests = 0
  let bytes = 0

  function receive(count: number): void {
    bytes += count
  }

  async function whole<R extends { readonly body: Buffer }>(asked: Promise<R>): Promise<R> {
    requests++
    const response = await asked
    receive(response.body.length)
    return response
  }

  return {
    kube: {
      ...kube,
      get: (path, options) => whole(kube.get(path, options)),
      post: (path, body, options) => whole(kube.post(path, body, options)),
      delete: (path, body, options) => whole(kube.delete(path, body, options)),
      async connect(path, options) {
        requests++
        const socket = await kube.connect(path, options)
        return { ...socket, messages: countBytes(socket.messages, receive) }
      },
      async stream(path, options) {
        requests++
        const stream = await kube.stream(path, options)
        return { ...stream, body: countBytes(stream.body, receive) }
      },
      kubelets: {
        get ways() {
          return kube.kubelets.ways
        },
        close: () => kube.kubelets.close(),
        of(node) {
          const kubelet = kube.kubelets.of(node)
          return { get: (path, request) => whole(kubelet.get(path, request)) }
        },
      },
    },
    idle: () => requests === 0,
    take() {
      const taken = { requests, bytes }
      requests = 0
      bytes = 0
      return taken
    },
  }
}
