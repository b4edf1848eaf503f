import { ago, type Thing } from '../../incident/scene.ts'
import { node, pod } from '../../incident/things.ts'

/** A pod that logs, and answers for the Service `web`. */
export const web: Thing = pod('shop/web-1', { labels: { app: 'web' } })

/** What it logged, so many seconds ago. */
export function logged(words: string, seconds: readonly number[], level = 'error'): Record<string, string> {
  return { 'shop/web-1/app': `${seconds.map((at) => `${ago(at)} level=${level} msg="${words}"`).join('\n')}\n` }
}

/** The node of that pod, on AWS. */
export function machine(type: string, name = 'node-1'): Thing {
  return node(name, {
    metadata: { labels: { 'node.kubernetes.io/instance-type': type } },
    spec: { providerID: 'aws:///eu-central-1a/i-0123456789abcdef0' },
  })
}

/** In a burst; after long silences; and after long silences, several at once. */
export const burst: readonly number[] = [100, 99, 98, 97, 96, 95]
export const rare: readonly number[] = [3000, 2400, 1700, 900]
export const rareTogether: readonly number[] = [3000, 2999, 2400, 2398, 1700, 1699, 900]

/** A call that is reset, by its target. */
export function resetBy(target: string): string {
  return `read tcp 10.244.0.10:50000->${target}: read: connection reset by peer`
}
