import type { Incident } from './incident.ts'
import { isSaidNow } from './lately.ts'
import type { MessageId } from './messages/index.ts'
import type { Pod } from './pod.ts'

/** Whether the kubelet misses something for a pod, and this Secret is not among it. */
export function waitsForOther(incident: Incident, pod: Pod, secret: string): boolean {
  const said = incident.saidAbout(pod.ref).filter((one) => MISSING.has(one.id) && isSaidNow(incident, one))
  return said.length > 0 && !said.some(({ id, values }) => id !== 'missing-config-map' && nameOf(values) === secret)
}

const MISSING: ReadonlySet<string> = new Set<MessageId>(['missing-config-map', 'missing-secret', 'missing-config-key'])

function nameOf({ name }: Readonly<Record<string, string>>): string | undefined {
  return name?.split('/').at(-1)
}
