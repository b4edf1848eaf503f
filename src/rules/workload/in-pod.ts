import { cite, citeName } from '../../incident/citation.ts'
import type { Container } from '../../incident/container.ts'
import type { Crash } from '../../incident/crash.ts'
import { listAt, numberAt } from '../../incident/kubernetes.ts'
import type { LastWords } from '../../incident/last-words.ts'
import { isOnHostNetwork, type Pod } from '../../incident/pod.ts'
import { localPortIn, portsIn } from '../../incident/ports-in.ts'
import type { Claim } from '../rule.ts'

/** What in its own pod explains the last words of a container: a neighbour that does not listen yet, or one that listens already. */
export function explainInPod({ pod, container }: Crash, { text, classes }: LastWords): Claim | undefined {
  if (classes.includes('connection-refused')) return explainRefusal(pod, container, text)
  if (classes.includes('address-in-use')) return explainConflict(pod, container, text)
  return undefined
}

/** In a pod, localhost is the pod itself, unless it has the network of its node. */
function explainRefusal(pod: Pod, container: Container, text: string): Claim | undefined {
  const port = localPortIn(text)
  if (port === undefined || isOnHostNetwork(pod)) return undefined
  const neighbour = others(pod, container).find((one) => portIndex(one, port) >= 0)
  if (neighbour) {
    const says = `It calls port ${port} of its own pod, which ${neighbour.name} is to answer: that one ${tellLate(container, neighbour)}.`
    return { says, cites: [cite(pod, [...neighbour.specPath, 'ports', portIndex(neighbour, port), 'containerPort'])] }
  }
  const proxies = others(pod, container).map(({ name }) => name)
  const says =
    proxies.length === 0
      ? `It calls port ${port} of itself: localhost is its own pod, and no other container is in it.`
      : `It calls port ${port} of its own pod, where ${proxies.join(', ')} ${proxies.length === 1 ? 'runs' : 'run'} beside it: none of them listens there yet, or none ever does.`
  return { says, cites: [citeName(pod)] }
}

function tellLate(container: Container, neighbour: Container): string {
  if (container.role === 'init' && neighbour.role === 'main') return 'starts only when all init containers have ended'
  return neighbour.ready ? 'is ready now, and was not when it ended' : 'is not ready'
}

function explainConflict(pod: Pod, container: Container, text: string): Claim | undefined {
  const ports = portsIn(text)
  for (const neighbour of others(pod, container)) {
    const port = ports.find((one) => portIndex(neighbour, one) >= 0)
    if (port === undefined) continue
    const says = `The container ${neighbour.name} of the same pod has port ${port} too, and a pod has one set of ports.`
    return { says, cites: [cite(pod, [...neighbour.specPath, 'ports', portIndex(neighbour, port), 'containerPort'])] }
  }
  if (!isOnHostNetwork(pod)) return undefined
  return {
    says: 'It uses the ports of its node (hostNetwork), where another program listens.',
    cites: [cite(pod, ['spec', 'hostNetwork'])],
  }
}

function others(pod: Pod, container: Container): readonly Container[] {
  return pod.containers.filter(({ role, name }) => name !== container.name && (role === 'main' || role === 'sidecar'))
}

function portIndex({ spec }: Container, port: number): number {
  return listAt(spec, 'ports').findIndex((one) => numberAt(one, 'containerPort') === port)
}
