import { kubectl, kubectlRaw } from '../cluster/kubectl.ts'
import { applyObject } from './story.ts'

/** What node-problem-detector reports once of a node. */
interface Problem {
  /** The monitor: `kernel-monitor`, `network-custom-plugin-monitor`. */
  readonly source: string
  readonly reason: string
  readonly message: string
}

/** Reports problems of a node as node-problem-detector does, in events that count: it is no part of the test cluster. */
export async function reportProblem(node: string, { source, reason, message }: Problem, count: number): Promise<void> {
  const now = `${new Date().toISOString().slice(0, 19)}Z`
  const { metadata } = await kubectlRaw<{ metadata: { uid: string } }>(`/api/v1/nodes/${node}`)
  const name = `${node}.${source}.${reason.toLowerCase()}`
  const first = await kubectl(['get', 'event', name, '-n', 'default', '-o', 'jsonpath={.firstTimestamp}']).catch(
    () => '',
  )
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: 'default' },
    involvedObject: { kind: 'Node', name: node, uid: metadata.uid },
    ...{ reason, message, type: 'Warning', source: { component: source, host: node } },
    ...{ count, firstTimestamp: first || now, lastTimestamp: now },
  }
  await applyObject(event)
}
