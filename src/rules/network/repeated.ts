import type { Citation } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { NodeKernel } from '../../incident/kernel/node.ts'
import type { TcpCounter } from '../../incident/kernel/tables.ts'
import { isOnHostNetwork } from '../../incident/pod.ts'
import { addGrowth } from './grown.ts'

/** How much of what a node sent by TCP it had to send again, in words, with its places. */
export interface Repeated {
  readonly says: string
  readonly cites: readonly Citation[]
}

/** Fewer segments than these have no share that says anything (judgement). */
const FEWEST_SEGMENTS = 1000

/** A share that is felt (judgement: a path inside a data centre loses less than a thousandth). */
const NOTABLE = 0.01

/** Against another node it is more where it is twice as much (judgement). */
const MORE = 2

interface Share {
  readonly node: string
  readonly share: number
  readonly cites: readonly Citation[]
}

/** The share of segments that a node sent again between the samples, where it is notable, and more than in the middle of the other nodes. */
export function repeatedMore(incident: Incident, node: string): Repeated | undefined {
  const shares = incident.kernel.nodes
    .flatMap((kernel) => shareOf(incident, kernel) ?? [])
    .sort((a, b) => a.share - b.share)
  const own = shares.find((one) => one.node === node)
  const others = shares.filter((one) => one.node !== node)
  const middle = others[Math.floor(others.length / 2)]
  if (!own || own.share < NOTABLE || (middle && own.share < MORE * middle.share)) return undefined
  return {
    says: `it sent ${percent(own.share)} of its segments again${middle ? `, ${middle.node} ${percent(middle.share)}` : ''}`,
    cites: own.cites.slice(0, 1),
  }
}

/** Of the node's own programs and of each pod with a network of its own: the kernel counts by namespaces. */
function shareOf(incident: Incident, kernel: NodeKernel): Share | undefined {
  const pods = incident.podsOn(kernel.node).filter((pod) => !isOnHostNetwork(pod))
  const add = (counter: TcpCounter) =>
    addGrowth(counter, [kernel.tcp(counter), ...pods.map(({ uid }) => kernel.tcpOfPod(uid, counter))])
  const [repeated, sent] = [add('Tcp.RetransSegs'), add('Tcp.OutSegs')]
  if (!repeated || !sent || sent.delta < FEWEST_SEGMENTS) return undefined
  return { node: kernel.node, share: repeated.delta / sent.delta, cites: repeated.cites }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
