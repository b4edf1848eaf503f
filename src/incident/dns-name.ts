import { serviceAt } from './endpoints.ts'
import type { Incident } from './incident.ts'
import type { Service } from './service.ts'

/** What a name that a pod looks up stands for, by the conventions of cluster DNS and by what the bundle holds. */
export interface DnsName {
  /** cluster: it can only be a name of the cluster. bare: one word, which the search path of its namespace completes. outside: anything else. */
  readonly kind: 'cluster' | 'bare' | 'outside'
  /** Of the Service that it would be. */
  readonly namespace: string
  readonly service: string
  /** The Service, if it is there. */
  readonly found: Service | undefined
}

/** `name.namespace.svc`, with the cluster's domain or without; behind it one pod of a headless Service. */
const FULL = /^(?:([a-z0-9-]+)\.)?([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.[a-z0-9.-]+)?$/

/** Reads a name as the resolver of a pod in a namespace does, with its search path. */
export function readDnsName(incident: Incident, name: string, namespace: string): DnsName {
  const [, , full, space] = FULL.exec(name) ?? []
  if (full !== undefined && space !== undefined) return describe(incident, 'cluster', space, full)
  const labels = name.split('.')
  if (labels.length === 1) return describe(incident, 'bare', namespace, name)
  return shortName(incident, labels, namespace)
}

/** `name.namespace` where there is such a namespace, `pod.name` where there is such a Service; `example.com` is outside. */
function shortName(incident: Incident, labels: readonly string[], namespace: string): DnsName {
  const [first = '', second = '', third = ''] = labels
  if (labels.length === 2 && serviceAt(incident, namespace, second))
    return describe(incident, 'cluster', namespace, second)
  if (labels.length === 2 && incident.find('Namespace', undefined, second))
    return describe(incident, 'cluster', second, first)
  if (labels.length === 3 && serviceAt(incident, third, second)) return describe(incident, 'cluster', third, second)
  return { kind: 'outside', namespace: '', service: '', found: undefined }
}

function describe(incident: Incident, kind: DnsName['kind'], namespace: string, service: string): DnsName {
  return { kind, namespace, service, found: serviceAt(incident, namespace, service) }
}

/** How alike two names are: edits between them, cut off above a few. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next[j] = Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1)
    }
    row = next
  }
  return row[b.length] ?? 0
}
