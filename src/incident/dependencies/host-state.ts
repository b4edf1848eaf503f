import type { Dependency } from '../dependency.ts'
import { onlyLookups } from '../failed-call.ts'
import type { Incident } from '../incident.ts'
import { isPrivateAddress } from '../private-address.ts'
import type { Ref } from '../reference.ts'
import { isAddress } from './names.ts'

/**
 * outside: it is not of the cluster. nobody: nothing in the cluster has its address now. unknown: what it could be was not collected. missing:
 * the name is that of a Service that does not exist.
 */
export type HostState = 'outside' | 'nobody' | 'unknown' | 'missing'

/** Names of the internet, and addresses there, are outside whatever was collected; other names and addresses may be the cluster's. */
export function stateOfHost(incident: Incident, to: Ref, calls: readonly Dependency[]): HostState {
  if (isMeantInside(incident, to, calls)) return 'missing'
  const isOwn = isAddress(to.name)
    ? isPrivateAddress(to.name)
    : !/[^.]\.[^.]/.test(to.name) || isOfNamespace(incident, to)
  if (!isOwn) return 'outside'
  if (!OWN.every((kind) => incident.coverage.isComplete(kind))) return 'unknown'
  return isAddress(to.name) ? 'nobody' : 'outside'
}

/** What has names and addresses in a cluster. */
const OWN = ['services', 'pods', 'endpointslices.discovery.k8s.io', 'nodes'] as const

/** `db.shop`, where there is a namespace `shop`, or none is known. */
function isOfNamespace(incident: Incident, { name }: Ref): boolean {
  const [, namespace = '', ...domain] = name.split('.')
  if (domain.length > 0) return false
  return (
    incident.find('Namespace', undefined, namespace) !== undefined ||
    incident.pods.some(({ ref }) => ref.namespace === namespace)
  )
}

/** A name without a domain, or with one that is a namespace, which nobody could resolve: it was to be a Service. */
function isMeantInside(incident: Incident, { name }: Ref, calls: readonly Dependency[]): boolean {
  const [, namespace, ...domain] = name.split('.')
  const isShort =
    namespace === undefined || (domain.length === 0 && incident.find('Namespace', undefined, namespace) !== undefined)
  return isShort && !name.includes(':') && calls.every(onlyLookups) && incident.coverage.isComplete('services')
}
