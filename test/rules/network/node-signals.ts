import type { Thing } from '../../incident/scene.ts'
import { event, node } from '../../incident/things.ts'

export const nodes: readonly Thing[] = [node('n1'), node('n2'), node('n3')]

/** What an agent of a node says of its network. */
export function signal(reason: string, message: string, on = 'n1', last = 120): Thing {
  return event('', `Node/${on}`, reason, message, { last, component: 'eks-node-monitoring-agent' })
}
