import { type LedgerLine, type Manifest, resourceName, type Scope, type ServedResource } from '../bundle/format.ts'
import type { BundleReader } from '../bundle/reader.ts'
import { notInBundle, type Refusal } from './refusal.ts'

/** Lines about the list of a resource; with a namespace those about this one and those about all of them. */
export function linesOfList(
  { ledger }: Manifest,
  resource: { group: string; resource: string },
  namespace?: string,
): LedgerLine[] {
  const name = resourceName(resource)
  return ledger.filter(({ collector, scope }) => {
    if (NO_LISTS.includes(collector) || scope.resource !== name) return false
    return namespace === undefined || scope.namespace === undefined || scope.namespace === namespace
  })
}

/** What the watch missed is not missing from the list, and to look whether the namespaces that were asked for exist lists none. */
const NO_LISTS = ['changes', 'namespaces']

/**
 * What is not in the bundle, and why, in the ledger's words: 403 for what was denied, else 404. Its absence says nothing about the cluster,
 * and the answer says so. `otherwise` is said where the ledger has no line.
 */
export function absent(
  bundle: BundleReader,
  what: string,
  lines: readonly LedgerLine[],
  otherwise = 'the ledger does not say why',
): Refusal {
  const isDenied = lines.some(({ status }) => status === 'denied')
  return notInBundle(what, quoteLedger(lines, bundle, otherwise), { isDenied })
}

/** What the ledger says of a source, as a clause: `denied: pods is forbidden …`. Of a bundle that was cut off, it may lack the line. */
function quoteLedger(
  lines: readonly LedgerLine[],
  { truncated }: Pick<BundleReader, 'truncated'>,
  otherwise: string,
): string {
  const said = lines.map(({ status, reason }) => (reason === undefined ? status : `${status}: ${reason}`))
  if (said.length > 0) return [...new Set(said)].join('; ')
  return truncated === undefined ? otherwise : `the bundle is not whole: ${truncated}`
}

/** A list that was not captured: what its line says, else the one of the collector that would have read it, else that of its discovery. */
export function absentList(bundle: BundleReader, what: string, target: Listed): Refusal {
  const { manifest } = bundle
  const lines = [
    linesOfList(manifest, target),
    linesOfGroup(manifest, target.group),
    linesOfCollector(manifest, collectorOf(target)),
    linesOfPath(manifest, discoveryOf(target)),
  ]
  const said = lines.find((some) => some.length > 0) ?? []
  return absent(bundle, what, said, isServed(manifest, target) ? undefined : 'the API server did not name it')
}

type Listed = Pick<ServedResource, 'group' | 'version' | 'resource'>

/** Whether discovery named it, or did not come: then nobody knows. */
function isServed({ resources }: Manifest, target: Listed): boolean {
  return resources.length === 0 || resources.some((one) => resourceName(one) === resourceName(target))
}

/** Which collector reads a list; those of `collectors/` say the same of themselves. */
function collectorOf(target: Listed): string {
  if (target.group === 'metrics.k8s.io') return 'control-plane'
  const name = resourceName(target)
  return Object.hasOwn(COLLECTORS, name) ? (COLLECTORS[name] ?? 'objects') : 'objects'
}

const COLLECTORS: Readonly<Record<string, string>> = {
  pods: 'pods',
  nodes: 'nodes',
  events: 'events',
  'events.events.k8s.io': 'events',
  'leases.coordination.k8s.io': 'leases',
}

/** Lines that name a group in place of its resources: nobody serves `metrics.k8s.io`. */
function linesOfGroup({ ledger }: Manifest, group: string): LedgerLine[] {
  return group === '' ? [] : ledger.filter(({ scope }) => scope.resource === group)
}

/** Lines about all that a collector reads; those of the collectors of one resource name it. */
export function linesOfCollector({ ledger }: Manifest, id: string): LedgerLine[] {
  const isOfOne = Object.values(COLLECTORS).includes(id)
  return ledger.filter(
    ({ collector, scope }) =>
      collector === id && (isOfOne || (scope.resource === undefined && scope.path === undefined)),
  )
}

function discoveryOf({ group, version }: Listed): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`
}

/** A path that was not captured: what its line says, or that of a path above it that failed, else the one of the collector that would have read it. */
export function absentPath(bundle: BundleReader, path: string): Refusal {
  const { manifest } = bundle
  const [, collector] = PATHS.find(([pattern]) => pattern.test(path)) ?? []
  if (collector === undefined) return absent(bundle, path, linesOfPath(manifest, path), NEVER_ASKED)
  const lines = [...linesAlong(manifest, path), linesOfCollector(manifest, collector)]
  const otherwise = collector === 'api-discovery' ? 'the API server did not name it' : undefined
  return absent(bundle, path, lines.find((some) => some.length > 0) ?? [], otherwise)
}

const NEVER_ASKED = 'freezeframe never asks for it'

/** Which collector reads a path. */
const PATHS: readonly (readonly [RegExp, string])[] = [
  [/^\/(?:version|api(?:\/[^/]+)?|apis(?:\/[^/]+){0,2}|openapi\/v3(?:\/.+)?)\/?$/, 'api-discovery'],
  [
    /^\/(?:metrics|readyz|livez|debug\/api_priority_and_fairness\/dump_(?:priority_levels|queues|requests))\/?$/,
    'control-plane',
  ],
]

/** Lines about a path, and about each one above it that did not answer. */
function linesAlong(manifest: Manifest, path: string): LedgerLine[][] {
  const parts = path.split('/').filter(Boolean)
  const above = parts.map((_, n) => `/${parts.slice(0, parts.length - n).join('/')}`)
  const [own = [], ...others] = above.map((one) => linesOfPath(manifest, one))
  return [own, ...others.map((lines) => lines.filter(({ status }) => status !== 'complete'))]
}

/** Lines about a path such as `/metrics`, whatever query it was asked with. */
function linesOfPath({ ledger }: Manifest, path: string): LedgerLine[] {
  return ledger.filter(({ scope }) => withoutQuery(scope) === path)
}

function withoutQuery({ path }: Scope): string | undefined {
  return path?.replace(/\?.*$/, '')
}
