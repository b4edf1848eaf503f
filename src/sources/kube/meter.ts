import type { AskedFor, KubeClient } from './client.ts'
import { countBytes } from './count-bytes.ts'

/** Counts what passes a client; `take` gives what has passed since it was last called, and `idle` says that it is nothing. */
export function meterRequests(kube: KubeClient): { kube: KubeClient; idle(): boolean; take(): AskedFor } {
  let requests = 0
  let bytes = 0
  const receive = (count: number) => {
    bytes += count
  }
  return {
    kube: {
      ...kube,
      async get(path, options) {
        requests++
        const response = await kube.get(path, options)
        bytes += response.body.length
        return response
      },
      async post(path, body, options) {
        requests++
        const response = await kube.post(path, body, options)
        bytes += response.body.length
        return response
      },
      async delete(path, body, options) {
        requests++
        const response = await kube.delete(path, body, options)
        bytes += response.body.length
        return response
      },
      async connect(path, options) {
        requests++
        const socket = await kube.connect(path, options)
        return { ...socket, messages: countBytes(socket.messages, receive) }
      },
      kubelets: {
        get ways() {
          return kube.kubelets.ways
        },
        close: () => kube.kubelets.close(),
        of(node) {
          const kubelet = kube.kubelets.of(node)
          return {
            async get(path, request) {
              requests++
              const response = await kubelet.get(path, request)
              bytes += response.body.length
              return response
            },
          }
        },
      },
      async stream(path, options) {
        requests++
        const stream = await kube.stream(path, options)
        return { ...stream, body: countBytes(stream.body, receive) }
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
