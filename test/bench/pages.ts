import type { Size } from './load.ts'
import { eventOf, nodeOf, podOf, podStatusOf } from './objects.ts'

/** Objects of a page, as the capture asks for them. */
export const PAGE = 500

const AT = '2026-01-31T08:00:00Z'

/** Gives out list pages of one resource as the API server writes them: its objects in the order of their keys. */
export interface Pages {
  readonly resource: string
  readonly kind: string
  readonly namespaced: boolean
  readonly count: number
  page(number: number): Buffer
}

/** Pods, with their managedFields. */
export function podPages(size: Size): Pages {
  return pagesOf('pods', 'Pod', size.pods, (n) => withManagedFields(n, { ...podOf(n, size), ...podStatusOf(n) }))
}

/** Events. */
export function eventPages(size: Size): Pages {
  return pagesOf('events', 'Event', size.events, (n) => identify(n, eventOf(n, size)))
}

/** Nodes. */
export function nodePages(size: Size): Pages {
  return pagesOf('nodes', 'Node', size.nodes, (n) => identify(n, nodeOf(n)))
}

function pagesOf(resource: string, kind: string, objects: number, make: (n: number) => Named): Pages {
  const keys = Array.from({ length: objects }, (_, n) => ({ n, key: keyOf(make(n)) }))
  keys.sort((a, b) => (a.key < b.key ? -1 : 1))
  return {
    resource,
    kind,
    namespaced: resource !== 'nodes',
    count: Math.ceil(objects / PAGE),
    page(number) {
      const items = keys.slice(number * PAGE, (number + 1) * PAGE).map(({ n }) => make(n))
      const list = { kind: `${kind}List`, apiVersion: 'v1', metadata: { resourceVersion: '500000' }, items }
      return Buffer.from(JSON.stringify(list))
    },
  }
}

interface Named {
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

function keyOf({ metadata: { namespace, name } }: Named): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

/** What the API server adds to every object. */
function identify<T extends Named>(n: number, { metadata, ...rest }: T) {
  const uid = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
  return { metadata: { ...metadata, uid, resourceVersion: String(1000 + n), creationTimestamp: AT }, ...rest }
}

/** What it adds to a pod: who set which field, the spec by the controller, the status by the kubelet. */
function withManagedFields(n: number, { metadata, spec, status }: Pod) {
  const managedFields = [
    { manager: 'kube-controller-manager', operation: 'Update', time: AT, fieldsV1: { 'f:spec': fieldsOf(spec) } },
    {
      manager: 'kubelet',
      operation: 'Update',
      subresource: 'status',
      time: AT,
      fieldsV1: { 'f:status': fieldsOf(status) },
    },
  ]
  return identify(n, { metadata: { ...metadata, managedFields }, spec, status })
}

type Pod = ReturnType<typeof podOf> & ReturnType<typeof podStatusOf>

/** FieldsV1 of a value, as the structured merge diff writes it: fields by name, elements of lists by their key. */
function fieldsOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return {}
  const entries = Array.isArray(value)
    ? value.map((one) => [`k:${JSON.stringify({ name: one?.name ?? one?.type ?? one?.key ?? '' })}`, fieldsOf(one)])
    : Object.entries(value).map(([key, one]) => [`f:${key}`, fieldsOf(one)])
  return { '.': {}, ...Object.fromEntries(entries) }
}
