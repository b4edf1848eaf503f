import type { Citation } from '../../incident/citation.ts'
import { citeReading, type Growth } from '../../incident/counters/reading.ts'
import type { Incident } from '../../incident/incident.ts'
import type { NodeKernel } from '../../incident/kernel/node.ts'

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
  readonly repeated: Growth
  readonly sent: Growth
}

/** The share of segments that a node sent again between the samples, where it is notable, and more than in the middle of the other nodes. */
export function repeatedMore(incident: Incident, node: string): Repeated | undefined {
  const shares = incident.kernel.nodes.flatMap((kernel) => shareOf(kernel) ?? []).sort((a, b) => a.share - b.share)
  const own = shares.find((one) => one.node === node)
  const others = shares.filter((one) => one.node !== node)
  const middle = others[Math.floor(others.length / 2)]
  if (!own || own.share < NOTABLE || (middle && own.share < MORE * middle.share)) return undefined
  return {
    says: `it sent ${percent(own.share)} of its segments again${middle ? `, ${middle.node} ${percent(middle.share)}` : ''}`,
    cites: [citeReading(own.repeated.after)],
  }
}

function shareOf(kernel: NodeKernel): Share | undefined {
  const [repeated, sent] = [kernel.tcp('Tcp.RetransSegs')?.growth, kernel.tcp('Tcp.OutSegs')?.growth]
  if (!repeated || !sent || sent.delta < FEWEST_SEGMENTS) return undefined
  return { node: kernel.node, share: repeated.delta / sent.delta, repeated, sent }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
