import { type Json, textAt } from './kubernetes.ts'

/** Names that probes of a capture have (src/sources/node/open-insides.ts): a Job, its pod, and events of either. */
const NAME = /^freezeframe-probe-[0-9a-f]{8}-\d+(?:-[a-z0-9]{5})?$/

/** Whether an object is of a capture itself, or an event about one: what the capture has done to the cluster is no part of the incident. */
export function isOwnProbe(resource: string, object: Json): boolean {
  if (resource === 'events') return NAME.test(textAt(object.involvedObject ?? object.regarding, 'name'))
  return (resource === 'pods' || resource === 'jobs') && NAME.test(textAt(object, 'metadata', 'name'))
}
