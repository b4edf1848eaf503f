import type { Focus } from '../../capture/options.ts'
import { invalidOption } from './invalid.ts'

/** Short names that kubectl users type (`kubectl api-resources`). */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  po: 'pod',
  no: 'node',
  ns: 'namespace',
  deploy: 'deployment',
  ds: 'daemonset',
  sts: 'statefulset',
  rs: 'replicaset',
  cj: 'cronjob',
}

const NAMESPACED = ['pod', 'deployment', 'daemonset', 'statefulset', 'replicaset', 'job', 'cronjob']
const CLUSTER_SCOPED = ['node', 'namespace']

/** `kind/namespace/name`, or `kind/name` for cluster-scoped kinds. Throws OPTION_INVALID. */
export function parseFocus(option: string, text: string): Focus {
  const parts = text.split('/')
  if (parts.length < 2 || parts.length > 3 || parts.includes('')) {
    throw invalidOption(option, text, 'names no object', 'Write it as pod/shop/web-7d4b9 or node/ip-10-0-1-7.')
  }
  const kind = singular(parts[0] ?? '')
  const name = parts.at(-1) ?? ''
  if (parts.length === 2) {
    if (!NAMESPACED.includes(kind)) return { kind, name }
    throw invalidOption(option, text, 'has no namespace', `Write it as ${kind}/NAMESPACE/${name}.`)
  }
  if (!CLUSTER_SCOPED.includes(kind)) return { kind, namespace: parts[1] ?? '', name }
  throw invalidOption(option, text, `has a namespace, and a ${kind} has none`, `Write it as ${kind}/${name}.`)
}

function singular(kind: string): string {
  const lower = kind.toLowerCase()
  if (SHORT_NAMES[lower] !== undefined) return SHORT_NAMES[lower]
  const stripped = lower.replace(/s$/, '')
  return [...NAMESPACED, ...CLUSTER_SCOPED].includes(stripped) ? stripped : lower
}
